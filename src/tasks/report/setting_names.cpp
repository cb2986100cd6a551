#include "tasks/report/setting_names.h"

#include <array>
#include <utility>

namespace rondo {
namespace {

constexpr auto names = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"tokenizer", "切分方式"},
    {"max_size", "词表上限"},
    {"min_count", "最低词频"},
    {"max_length", "最大长度"},
    {"truncate", "截断方式"},
    {"normalization", "Unicode 规范化"},
    {"lowercase", "转为小写"},
    {"bigrams", "二元组数量"},
    {"cell", "循环单元"},
    {"embedding", "词向量维数"},
    {"bigram_embedding", "二元组向量维数"},
    {"units", "隐藏单元数"},
    {"layers", "循环层数"},
    {"bidirectional", "双向"},
    {"pooling", "池化方式"},
    {"dropout", "随机失活率"},
    {"token_dropout", "词元失活率"},
    {"recurrent_dropout", "循环失活率"},
    {"weight_dropout", "权重失活率"},
    {"vectors", "预训练词向量"},
    {"freeze_embedding", "冻结词向量"},
    {"epochs", "最多轮次"},
    {"batch_size", "批大小"},
    {"batch_rows", "每批词元上限"},
    {"optimizer", "优化器"},
    {"learning_rate", "学习率"},
    {"momentum", "动量"},
    {"weight_decay", "权重衰减"},
    {"schedule", "学习率调度"},
    {"warmup_steps", "预热步数"},
    {"clip_norm", "梯度范数上限"},
    {"clip_value", "梯度分量上限"},
    {"accumulate", "梯度累积批数"},
    {"label_smoothing", "标签平滑"},
    {"class_weights", "类别权重"},
    {"balance_classes", "平衡类别权重"},
    {"sampling", "采样方式"},
    {"wide", "宽分支"},
    {"wide_ngrams", "宽分支 n 元组长度"},
    {"wide_min_texts", "宽分支最低文本数"},
    {"wide_cost", "宽分支误差代价"},
    {"wide_weights", "宽分支权重上限"},
    {"average", "权重滑动平均"},
    {"validate_every_steps", "验证间隔步数"},
    {"monitor", "监控指标"},
    {"patience", "早停容忍轮数"},
    {"init", "初始模型"},
    {"seed", "随机种子"},
    {"chunk", "截断反向传播长度"},
    {"residual", "残差连接"},
    {"layer_norm", "层归一化"},
    {"tied", "共享嵌入与输出权重"},
    {"input_dropout", "输入失活率"},
    {"embedding_dropout", "嵌入失活率"},
    {"variational", "变分失活"},
    {"activation_penalty", "激活惩罚系数"},
    {"temporal_penalty", "时间激活惩罚系数"},
    {"init_scale", "初始值范围"},
    {"spelling_embedding", "字符向量维数"},
    {"spelling_units", "字符层单元数"},
    {"feature_embedding", "附加列向量维数"},
    {"bigram_dropout", "二元组失活率"},
    {"direct", "直接特征窗口"},
    {"head", "输出层"},
    {"vocabulary", "词表共享方式"},
    {"encoder_layers", "编码器层数"},
    {"decoder_layers", "解码器层数"},
    {"attention", "注意力位置"},
    {"attention_score", "注意力打分函数"},
    {"network", "网络结构"},
    {"decoding", "解码方式"},
    {"segment", "分段长度"},
    {"quantiles", "分位数"},
    {"point_loss", "点预测损失"},
    {"normalise", "窗口归一化"},
    {"transform", "数值变换"},
    {"period", "季节周期"},
    {"calendar", "日历特征"},
    {"conformal", "共形校正"},
    {"max_windows", "每轮窗口上限"},
});

}  // namespace

std::string_view chinese_setting_name(std::string_view option) {
  for (const auto& [name, chinese] : names)
    if (name == option) return chinese;
  return {};
}

}  // namespace rondo
