"""What people decide about a cut: prices, edits with their inverse, comparison."""
