"""Entering: who proves who they are, and the browsers that are signed in."""
