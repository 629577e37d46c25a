"""How fast and how safe the live layer is: real servers, real clients, and a floor to compare with.

For developers (`make bench`); the product never imports anything of this package.
"""
