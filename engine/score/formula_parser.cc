#include "engine/score/formula_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/score/formula.h"
#include "engine/score/formula_lexer.h"

namespace assay {
namespace {

// No node: the error is kept.
constexpr int kFailed = -1;

struct BinaryOperator {
  std::string_view symbol;
  FormulaOp op;
  int power;
};

constexpr int kChoosePower = 1;
constexpr int kComparisonPower = 4;

constexpr std::array<BinaryOperator, 12> kBinaryOperators = {{
    {"||", FormulaOp::kOr, 2},
    {"&&", FormulaOp::kAnd, 3},
    {"==", FormulaOp::kEqual, kComparisonPower},
    {"!=", FormulaOp::kNotEqual, kComparisonPower},
    {"<", FormulaOp::kLess, kComparisonPower},
    {"<=", FormulaOp::kLessOrEqual, kComparisonPower},
    {">", FormulaOp::kGreater, kComparisonPower},
    {">=", FormulaOp::kGreaterOrEqual, kComparisonPower},
    {"+", FormulaOp::kAdd, 5},
    {"-", FormulaOp::kSubtract, 5},
    {"*", FormulaOp::kMultiply, 6},
    {"/", FormulaOp::kDivide, 6},
}};

std::string_view TypeName(FormulaType type) {
  switch (type) {
    case FormulaType::kNumber:
      return "a number";
    case FormulaType::kBoolean:
      return "a truth";
    case FormulaType::kText:
      return "a text";
    case FormulaType::kField:
      return "a field";
  }
  return {};
}

bool IsNumeric(FormulaType type) {
  return type == FormulaType::kNumber || type == FormulaType::kField;
}

// As what values of the two types are compared; nothing when they cannot be.
std::optional<FormulaType> ComparedAs(FormulaOp op, FormulaType left, FormulaType right) {
  const bool is_equality =
      op == FormulaOp::kEqual || op == FormulaOp::kNotEqual || op == FormulaOp::kIn;
  if (left == FormulaType::kField) std::swap(left, right);
  if (left == FormulaType::kField) {
    return is_equality ? FormulaType::kText : FormulaType::kNumber;
  }
  if (left == FormulaType::kBoolean && !is_equality) return std::nullopt;
  if (right == left) return left;
  if (right == FormulaType::kField && left != FormulaType::kBoolean) return left;
  return std::nullopt;
}

class Parser {
 public:
  Parser(FormulaKind kind, std::string_view text, std::string_view path)
      : kind_(kind), path_(path), lexer_(text) {
    tree_.text = std::string(text);
  }

  std::variant<FormulaTree, Rejection> Run() {
    if (tree_.text.size() > limits::kFormulaBytesMax) {
      Fail(1, fmt::format("at most {} bytes", limits::kFormulaBytesMax), "a longer text");
      return *std::move(error_);
    }
    Advance();
    const int root = Expression(0);
    if (root != kFailed && token_.kind != FormulaTokenKind::kEnd) {
      FailHere("an operator or the end");
    }
    if (!error_) CheckRoot(tree_.nodes.back());
    if (error_) return *std::move(error_);
    return std::move(tree_);
  }

 private:
  void CheckRoot(const FormulaNode& root) {
    if (kind_ == FormulaKind::kFormula && root.type != FormulaType::kNumber) {
      Fail(1, "a formula that gives a number", std::string(TypeName(root.type)));
    }
    if (kind_ == FormulaKind::kCondition && root.type != FormulaType::kBoolean) {
      Fail(1, "a condition that is true or false", std::string(TypeName(root.type)));
    }
  }

  // --- errors: the first one counts ---

  int Fail(int column, std::string expected, std::string actual) {
    if (!error_) {
      const std::string message =
          fmt::format("column {}: expected {}, found {}", column, expected, actual);
      error_ = Invalid("FORMULA_ERROR", std::string(path_), std::move(expected),
                       fmt::format("{} at column {}", actual, column), message);
    }
    return kFailed;
  }

  int FailHere(std::string expected) {
    if (token_.kind == FormulaTokenKind::kError) return Fail(token_.column, token_.text, "this");
    const bool at_end = token_.kind == FormulaTokenKind::kEnd;
    return Fail(token_.column, std::move(expected),
                at_end ? "the end" : fmt::format("'{}'", token_.text));
  }

  // --- tokens ---

  FormulaToken Advance() { return std::exchange(token_, lexer_.Next()); }

  bool Accept(std::string_view symbol) {
    if (!token_.IsSymbol(symbol)) return false;
    Advance();
    return true;
  }

  bool Expect(std::string_view symbol) {
    if (Accept(symbol)) return true;
    FailHere(fmt::format("'{}'", symbol));
    return false;
  }

  // --- nodes ---

  int AddNode(FormulaNode node, std::span<const int> children) {
    if (tree_.nodes.size() >= limits::kFormulaNodesMax) {
      return Fail(node.column,
                  fmt::format("at most {} operations and operands", limits::kFormulaNodesMax),
                  "more");
    }
    node.first_child = static_cast<uint16_t>(tree_.children.size());
    node.child_count = static_cast<uint16_t>(children.size());
    for (const int child : children) tree_.children.push_back(static_cast<uint16_t>(child));
    tree_.nodes.push_back(node);
    return static_cast<int>(tree_.nodes.size()) - 1;
  }

  const FormulaNode& At(int node) const { return tree_.nodes[static_cast<size_t>(node)]; }

  bool RequireNumber(int node, std::string_view user) {
    if (node == kFailed) return false;
    if (IsNumeric(At(node).type)) return true;
    Fail(At(node).column, fmt::format("a number for {}", user),
         std::string(TypeName(At(node).type)));
    return false;
  }

  bool RequireTruth(int node, std::string_view user) {
    if (node == kFailed) return false;
    if (At(node).type == FormulaType::kBoolean) return true;
    Fail(At(node).column, fmt::format("a truth for {}", user),
         std::string(TypeName(At(node).type)));
    return false;
  }

  // --- grammar ---

  // An expression inside another one.
  int Nested(int power) {
    if (depth_ == limits::kFormulaDepthMax) {
      return Fail(token_.column, fmt::format("at most {} levels", limits::kFormulaDepthMax),
                  "a deeper one");
    }
    ++depth_;
    const int node = Expression(power);
    --depth_;
    return node;
  }

  // Takes operators that bind stronger than `power`.
  int Expression(int power) {
    int left = Prefix();
    while (left != kFailed) {
      if (token_.IsSymbol("?") && kChoosePower > power) {
        left = Choose(left);
      } else if (token_.IsWord("in") && kComparisonPower > power) {
        left = In(left);
      } else if (const BinaryOperator* binary = BinaryHere(); binary && binary->power > power) {
        left = Binary(left, *binary);
      } else {
        break;
      }
    }
    return left;
  }

  const BinaryOperator* BinaryHere() const {
    if (token_.kind != FormulaTokenKind::kSymbol) return nullptr;
    const auto* const found =
        std::ranges::find(kBinaryOperators, std::string_view(token_.text), &BinaryOperator::symbol);
    return found == kBinaryOperators.end() ? nullptr : found;
  }

  int Binary(int left, const BinaryOperator& binary) {
    FormulaNode node{.op = binary.op, .column = static_cast<uint16_t>(Advance().column)};
    const int right = Expression(binary.power);
    if (right == kFailed) return kFailed;
    if (binary.op == FormulaOp::kAnd || binary.op == FormulaOp::kOr) {
      if (!RequireTruth(left, binary.symbol) || !RequireTruth(right, binary.symbol)) return kFailed;
      node.type = FormulaType::kBoolean;
    } else if (binary.power == kComparisonPower) {
      if (!Compare(node, left, right)) return kFailed;
    } else if (!RequireNumber(left, binary.symbol) || !RequireNumber(right, binary.symbol)) {
      return kFailed;
    }
    return AddNode(node, std::array{left, right});
  }

  bool Compare(FormulaNode& node, int left, int right) {
    const std::optional<FormulaType> compared_as =
        ComparedAs(node.op, At(left).type, At(right).type);
    if (!compared_as) {
      Fail(node.column, "two values of one type that can be compared so",
           fmt::format("{} and {}", TypeName(At(left).type), TypeName(At(right).type)));
      return false;
    }
    node.compared_as = *compared_as;
    node.type = FormulaType::kBoolean;
    return true;
  }

  int In(int needle) {
    FormulaNode node{.op = FormulaOp::kIn, .column = static_cast<uint16_t>(Advance().column)};
    if (!Expect("[")) return kFailed;
    std::vector<int> children = {needle};
    std::optional<FormulaType> list_type;
    do {
      const int element = Nested(0);
      if (element == kFailed || !Compare(node, needle, element)) return kFailed;
      if (list_type.value_or(node.compared_as) != node.compared_as) {
        return Fail(At(element).column, "a list of one type", "another type");
      }
      list_type = node.compared_as;
      children.push_back(element);
    } while (Accept(","));
    if (!Expect("]")) return kFailed;
    return AddNode(node, children);
  }

  int Choose(int condition) {
    FormulaNode node{.op = FormulaOp::kChoose, .column = static_cast<uint16_t>(Advance().column)};
    if (!RequireTruth(condition, "?")) return kFailed;
    const int then = Nested(0);
    if (then == kFailed || !Expect(":")) return kFailed;
    const int otherwise = Nested(0);
    if (otherwise == kFailed) return kFailed;
    const FormulaType first = At(then).type;
    const FormulaType second = At(otherwise).type;
    const bool both = first == second;
    const bool field_fits = (first == FormulaType::kField && second != FormulaType::kBoolean) ||
                            (second == FormulaType::kField && first != FormulaType::kBoolean);
    if (!both && !field_fits) {
      return Fail(node.column, "two branches of one type",
                  fmt::format("{} and {}", TypeName(first), TypeName(second)));
    }
    node.type = first == FormulaType::kField ? second : first;
    return AddNode(node, std::array{condition, then, otherwise});
  }

  int Prefix() {
    const auto column = static_cast<uint16_t>(token_.column);
    switch (token_.kind) {
      case FormulaTokenKind::kNumber:
        return AddNode({.op = FormulaOp::kNumber, .column = column, .number = Advance().number},
                       {});
      case FormulaTokenKind::kText:
        return AddText(column, Advance().text);
      case FormulaTokenKind::kName:
        return Name();
      default:
        break;
    }
    if (Accept("(")) {
      const int inner = Nested(0);
      return inner != kFailed && Expect(")") ? inner : kFailed;
    }
    if (Accept("-")) {
      const int operand = Nested(kUnaryPower);
      if (!RequireNumber(operand, "-")) return kFailed;
      return AddNode({.op = FormulaOp::kNegate, .column = column}, std::array{operand});
    }
    if (Accept("!")) {
      const int operand = Nested(kUnaryPower);
      if (!RequireTruth(operand, "!")) return kFailed;
      return AddNode({.op = FormulaOp::kNot, .type = FormulaType::kBoolean, .column = column},
                     std::array{operand});
    }
    return FailHere("a value");
  }

  int AddText(uint16_t column, std::string text) {
    tree_.texts.push_back(std::move(text));
    return AddNode({.op = FormulaOp::kText,
                    .type = FormulaType::kText,
                    .column = column,
                    .index = static_cast<uint16_t>(tree_.texts.size() - 1)},
                   {});
  }

  int Name() {
    const FormulaToken name = Advance();
    const auto column = static_cast<uint16_t>(name.column);
    if (name.IsWord("true") || name.IsWord("false")) {
      return AddNode({.op = FormulaOp::kBoolean,
                      .type = FormulaType::kBoolean,
                      .truth = name.text == "true",
                      .column = column},
                     {});
    }
    if (!name.quoted && token_.IsSymbol("(")) return Call(name);
    if (name.IsWord("in")) return Fail(name.column, "a value", "'in'");
    if (kind_ == FormulaKind::kCondition) return AddField(name);
    return Fail(name.column, "an aggregate such as sum(source.measure)",
                fmt::format("the name '{}' alone", name.text));
  }

  int AddField(const FormulaToken& name) {
    return AddNode({.op = FormulaOp::kField,
                    .type = FormulaType::kField,
                    .column = static_cast<uint16_t>(name.column),
                    .index = IndexIn(tree_.fields, name.text)},
                   {});
  }

  template <typename T>
  static uint16_t IndexIn(std::vector<T>& values, const T& value) {
    const auto found = std::ranges::find(values, value);
    const auto index = static_cast<uint16_t>(found - values.begin());
    if (found == values.end()) values.push_back(value);
    return index;
  }

  int Call(const FormulaToken& name) {
    const std::optional<Aggregate> aggregate = AggregateFromName(name.text);
    const bool is_extreme = name.text == "min" || name.text == "max";
    if (!aggregate && name.text != "clamp") {
      return Fail(name.column, "sum, count, mean, min, max, last or clamp",
                  fmt::format("'{}'", name.text));
    }
    Advance();
    if (kind_ == FormulaKind::kFormula && aggregate && token_.kind == FormulaTokenKind::kName &&
        !IsCallAhead()) {
      return Measure(name, *aggregate);
    }
    if (aggregate && !is_extreme) {
      return FailHere(kind_ == FormulaKind::kFormula ? "a measure such as mes.good"
                                                     : "no aggregate: a condition sees one record");
    }
    return Function(name);
  }

  // Whether the name under the cursor is a function, as in min(sum(a.b), 1), or a literal.
  bool IsCallAhead() const {
    if (token_.IsWord("true") || token_.IsWord("false")) return true;
    FormulaLexer ahead = lexer_;
    return !token_.quoted && ahead.Next().IsSymbol("(");
  }

  int Measure(const FormulaToken& name, Aggregate aggregate) {
    const FormulaToken measure = Advance();
    const std::string_view source = SourceOfMeasure(measure.text);
    if (source.empty() || source.size() + 1 == measure.text.size()) {
      return Fail(measure.column, "a measure such as mes.good", fmt::format("'{}'", measure.text));
    }
    if (token_.IsSymbol(",")) {
      return FailHere(
          fmt::format("one measure; to compare two, each needs its own aggregate, "
                      "{}(sum(a.x), sum(a.y))",
                      name.text));
    }
    if (!Expect(")")) return kFailed;
    return AddNode({.op = FormulaOp::kMeasure,
                    .column = static_cast<uint16_t>(name.column),
                    .index = IndexIn(tree_.uses, MeasureUse{measure.text, aggregate})},
                   {});
  }

  int Function(const FormulaToken& name) {
    std::vector<int> arguments;
    do {
      const int argument = Nested(0);
      if (!RequireNumber(argument, name.text)) return kFailed;
      arguments.push_back(argument);
    } while (Accept(","));
    if (!Expect(")")) return kFailed;
    const bool is_clamp = name.text == "clamp";
    if (is_clamp ? arguments.size() != 3 : arguments.size() < 2) {
      return Fail(name.column, is_clamp ? "clamp(value, low, high)" : "two or more values",
                  fmt::format("{}", arguments.size()));
    }
    const FormulaOp op = is_clamp             ? FormulaOp::kClamp
                         : name.text == "min" ? FormulaOp::kMin
                                              : FormulaOp::kMax;
    return AddNode({.op = op, .column = static_cast<uint16_t>(name.column)}, arguments);
  }

  static constexpr int kUnaryPower = 7;

  FormulaKind kind_;
  std::string_view path_;
  FormulaLexer lexer_;
  FormulaToken token_;
  FormulaTree tree_;
  int depth_ = 0;
  std::optional<Rejection> error_;
};

}  // namespace

std::variant<FormulaTree, Rejection> ParseFormulaTree(FormulaKind kind, std::string_view text,
                                                      std::string_view path) {
  return Parser(kind, text, path).Run();
}

std::string_view FormulaOpName(FormulaOp op) {
  for (const BinaryOperator& binary : kBinaryOperators) {
    if (binary.op == op) return binary.symbol;
  }
  switch (op) {
    case FormulaOp::kNegate:
      return "-";
    case FormulaOp::kNot:
      return "!";
    case FormulaOp::kIn:
      return "in";
    case FormulaOp::kMin:
      return "min";
    case FormulaOp::kMax:
      return "max";
    case FormulaOp::kClamp:
      return "clamp";
    default:
      return {};
  }
}

}  // namespace assay
