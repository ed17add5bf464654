"""Passkeys: signing in with what a device keeps (WebAuthn), and the codes for when it is lost."""
