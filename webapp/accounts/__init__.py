"""People, their sign-in links and tokens, and who may see what."""
