"""The vocabulary that language readers speak: what a source tree says, and where it says it."""
