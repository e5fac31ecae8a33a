import ZooCommands

await Zoo.main()
