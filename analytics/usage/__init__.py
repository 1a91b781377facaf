"""What was used, by whom, of what and when: figures by hour kept up, and sums read from them and from single runs."""
