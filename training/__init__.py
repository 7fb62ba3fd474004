"""Training of the network for handwritten names. Nothing here runs at a count."""
