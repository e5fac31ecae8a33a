public import Torch

// @register(feedforward, "FusedMLP", MlpConfig)
/// The feedforward of the original's fused kernels: an MLP that loads their checkpoints, too.
///
/// The same maths, options and keys as ``MLP``. The original has the second layer at `mlp.2`, takes no
/// option `bias`, and neither saves nor trains the biases, which stay 0.
public final class FusedMLP: MLP {
  /// The second layer moves to its place in an ``MLP``.
  public override func converted(original state: [String: Tensor]) throws -> [String: Tensor] {
    var converted = state
    for name in ["weight", "bias"] where state["mlp.3.\(name)"] == nil {
      converted["mlp.3.\(name)"] = converted.removeValue(forKey: "mlp.2.\(name)")
    }
    return converted
  }

  /// The biases.
  public override var unsavedKeys: [String] {
    config.bias ? ["mlp.0.bias", "mlp.3.bias"] : []
  }
}
