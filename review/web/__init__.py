"""The desk's web pages, served on the station's own machine."""
