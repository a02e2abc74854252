"""Who may do what: contact centers, users, devices and features, as the site file gives them."""
