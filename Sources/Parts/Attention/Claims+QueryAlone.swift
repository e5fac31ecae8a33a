extension Claims {
  /// The claims of an attention that mixes the tokens of the query and ignores keys and values.
  static var queryAlone: Claims {
    var claims = Claims()
    claims.keyValueInvariant = true
    claims.nanIsolation = [.batchRow]
    claims.withoutGradient = ["k", "v"]
    claims.memoryExponent = 1
    claims.heads = .owned
    claims.inputProjection = false
    return claims
  }
}
