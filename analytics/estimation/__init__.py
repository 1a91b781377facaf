"""What calls will cost before they are made: tokens, answers as they were, prices of today."""
