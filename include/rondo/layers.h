/// Layers as plain data: what a Sequential is built from, what its file's header holds, what the command line
/// and the documentation list. The live modules are in nn.h.
#pragma once
#include <rondo/layers/activate.h>
#include <rondo/layers/choices.h>
#include <rondo/layers/conv1d.h>
#include <rondo/layers/crf.h>
#include <rondo/layers/dense.h>
#include <rondo/layers/dropout.h>
#include <rondo/layers/embedding.h>
#include <rondo/layers/input.h>
#include <rondo/layers/layer_norm.h>
#include <rondo/layers/pooling.h>
#include <rondo/layers/recurrent.h>
#include <rondo/layers/tokens.h>
