"""The photo of a profile: made anew, sealed, shown to its person alone."""
