"""Files in: read anything people export, refuse or mend by stated rules, write it once."""
