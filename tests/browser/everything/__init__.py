"""Every page there is, opened in a browser and looked over."""
