"""What calls will cost, as a page."""
