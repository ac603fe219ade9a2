"""Problems of an installation with their resolutions: numbered, chosen one by one, carried out only when chosen."""
