/// The graph of a vision transformer (Dosovitskiy et al., ICLR 2021; DeiT: Touvron et al., ICML 2021) in INT8
/// with its nonlinear functions in FP32, as SSR runs it (Zhuang et al., FPGA 2024, figure 4).
///
/// Products    embedding: a row of 3 patch patch pixels a token; each block qkv, scores, context, projection,
///             fc1, fc2; head on the class token's row.
/// Behind      of embedding: `position` adds stored constants. Of projection and fc2: `attention_residual`
///             and `mlp_residual` add what the block or its half began with. Then, up to the next product:
///             dequantise, layer norm, quantise. Of qkv: `keys` transposes K. Of scores: dequantise, softmax,
///             quantise. Of fc1: dequantise, GELU, quantise.
/// Leaves out  biases and the scale of the scores, which belong to the products' requantisation; the
///             convolutional stem and the token labels of LV-ViT.
#pragma once

#include "platform/workload/graph.h"

namespace vesper::workload {

struct VisionTransformer {
  uint32_t tokens = 0;
  uint32_t width = 0;
  uint32_t heads = 1;
  uint32_t blocks = 0;
  uint32_t mlp_ratio = 4;
  uint32_t patch = 16;
  uint32_t classes = 1000;
  static void describe(Schema<VisionTransformer>& p);
};

/// Throws InputError at `where` if the heads do not divide the width or a matrix is too large.
Graph vision_transformer(const VisionTransformer& t, const Location& where);

}  // namespace vesper::workload
