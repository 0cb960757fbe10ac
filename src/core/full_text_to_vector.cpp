#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "core/codec_json_tree.h"
#include "core/full_text_configuration.h"

namespace dunlin::full_text {

namespace {

constexpr std::size_t token_bytes_max = 2046;
constexpr std::size_t vector_bytes_max = 1024 * 1024 - 1;
constexpr std::size_t position_max = 16383;
constexpr std::size_t positions_max = 255;

/// Collects the lexemes of one or several texts.
class VectorBuilder {
public:
    explicit VectorBuilder(const Configuration& configuration) : configuration_(configuration) {}

    Result<void> add(std::string_view text) {
        TokenReader reader(text);
        for (Token token; reader.next(token);) {
            if (token.text.size() > token_bytes_max) continue;
            ++position_;  // a stop word counts too
            std::string lexeme = lexeme_of(configuration_, token);
            if (lexeme.empty()) continue;
            add_lexeme(std::move(lexeme));
            if (bytes_ > vector_bytes_max) {
                return std::unexpected(sql_error(
                    "54000", fmt::format("string is too long for tsvector ({} bytes, max {} bytes)",
                                         bytes_, vector_bytes_max)));
            }
        }
        return {};
    }

    /// A text of its own, with a gap behind it.
    Result<void> add_apart(std::string_view text) {
        const std::size_t before = lexemes_;
        auto done = add(text);
        if (lexemes_ > before) ++position_;
        return done;
    }

    Vector take() {
        Vector vector;
        for (auto& [text, positions] : found_) vector.push_back({text, std::move(positions)});
        normalize(vector);
        return vector;
    }

private:
    void add_lexeme(std::string lexeme) {
        ++lexemes_;
        const std::size_t size = lexeme.size();
        auto [entry, is_new] = found_.try_emplace(std::move(lexeme));
        if (is_new) bytes_ += size + 2;  // with the number of its positions
        const auto at = static_cast<std::uint16_t>(std::min(position_, position_max));
        auto& positions = entry->second;
        const bool same = !positions.empty() && positions.back().at == at;
        if (same || positions.size() >= positions_max) return;
        positions.push_back({at});
        bytes_ += 2;
    }

    const Configuration& configuration_;
    std::unordered_map<std::string, std::vector<Position>> found_;
    std::size_t position_ = 0;
    std::size_t bytes_ = 0;
    std::size_t lexemes_ = 0;  // each as often as it was added
};

Result<void> add_strings(const codec::JsonNode& node, VectorBuilder& builder) {
    if (node.kind == codec::JsonNode::Kind::String) {
        return builder.add_apart(node.text);
    }
    for (const auto& item : node.items) {
        if (auto done = add_strings(item, builder); !done) return done;
    }
    return {};
}

}  // namespace

Result<Vector> to_vector(const Configuration& configuration, std::string_view text) {
    VectorBuilder builder(configuration);
    if (auto done = builder.add(text); !done) return std::unexpected(done.error());
    return builder.take();
}

Result<Vector> json_to_vector(const Configuration& configuration, std::string_view json) {
    const auto tree = codec::parse_json_tree(json, codec::JsonEscapes::Decode);
    if (!tree) return std::unexpected(tree.error());
    VectorBuilder builder(configuration);
    if (auto done = add_strings(*tree, builder); !done) return std::unexpected(done.error());
    return builder.take();
}

}  // namespace dunlin::full_text
