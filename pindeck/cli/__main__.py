from pindeck.cli import main

main()
