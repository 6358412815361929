"""Keys and sealing: envelope, key-encryption key, keystore, blind tokens. No domain, no journal, no HTTP."""
