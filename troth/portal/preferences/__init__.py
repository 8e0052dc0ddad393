"""What a customer may say without signing in: stop this, send me that, yes I meant it. And where a link leads."""
