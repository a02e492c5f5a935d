"""Plans and states of Terraform and OpenTofu, as `show -json` prints them."""
