print("partsgen")
