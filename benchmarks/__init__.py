"""Reproduces every figure that Seamline publishes; needs the network once, for the corpus."""
