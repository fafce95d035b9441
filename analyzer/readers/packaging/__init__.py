"""What a package says about itself to installers."""
