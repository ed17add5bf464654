"""Locking: accounts that are kept and not used, because the person asks so or because the law forbids to erase."""
