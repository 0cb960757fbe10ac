#include "query/body.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse_options.hpp>
#include <ranges>
#include <unordered_set>

#include "core/codec.h"
#include "core/limits.h"
#include "query/cursor.h"

namespace dunlin::query {

namespace json = boost::json;

namespace {

/// Takes every event of the parser and keeps nothing: only whether the text is JSON counts.
struct Nothing {
    static constexpr std::size_t max_object_size = -1;
    static constexpr std::size_t max_array_size = -1;
    static constexpr std::size_t max_key_size = -1;
    static constexpr std::size_t max_string_size = -1;
    using Failure = boost::system::error_code;
    using Text = json::string_view;

    bool on_document_begin(Failure&) { return true; }
    bool on_document_end(Failure&) { return true; }
    bool on_object_begin(Failure&) { return true; }
    bool on_object_end(std::size_t, Failure&) { return true; }
    bool on_array_begin(Failure&) { return true; }
    bool on_array_end(std::size_t, Failure&) { return true; }
    bool on_key_part(Text, std::size_t, Failure&) { return true; }
    bool on_key(Text, std::size_t, Failure&) { return true; }
    bool on_string_part(Text, std::size_t, Failure&) { return true; }
    bool on_string(Text, std::size_t, Failure&) { return true; }
    bool on_number_part(Text, Failure&) { return true; }
    bool on_int64(std::int64_t, Text, Failure&) { return true; }
    bool on_uint64(std::uint64_t, Text, Failure&) { return true; }
    bool on_double(double, Text, Failure&) { return true; }
    bool on_bool(bool, Failure&) { return true; }
    bool on_null(Failure&) { return true; }
    bool on_comment_part(Text, Failure&) { return true; }
    bool on_comment(Text, Failure&) { return true; }
};

/// Cuts valid JSON into the texts of its members.
class Slicer {
public:
    explicit Slicer(std::string_view text) : rest_(text) { skip_blanks(); }

    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

    bool take(char c) {
        if (peek() != c) return false;
        rest_.remove_prefix(1);
        skip_blanks();
        return true;
    }

    /// The text of the next value, without blanks around it.
    std::string_view value() {
        const std::string_view from = rest_;
        const std::size_t size = peek() == '"' ? string_size() : value_size();
        rest_.remove_prefix(size);
        skip_blanks();
        return from.substr(0, size);
    }

private:
    void skip_blanks() {
        if (!rest_.empty() && rest_.front() > ' ') return;
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    }

    /// To the next quote that no backslash escapes.
    std::size_t string_size(std::size_t from = 0) const {
        std::size_t quote = rest_.find('"', from + 1);
        while (is_escaped(quote)) quote = rest_.find('"', quote + 1);
        return quote + 1;
    }

    bool is_escaped(std::size_t at) const {
        std::size_t backslashes = 0;
        while (rest_[at - 1 - backslashes] == '\\') ++backslashes;
        return backslashes % 2 == 1;
    }

    std::size_t value_size() const {
        int depth = 0;
        for (std::size_t i = 0; i < rest_.size();) {
            const char c = rest_[i];
            if (c == '"') {
                i = string_size(i);
                continue;
            }
            if (depth == 0 && ends_value(c)) return i;
            depth += c == '{' || c == '[' ? 1 : 0;
            depth -= c == '}' || c == ']' ? 1 : 0;
            ++i;
            if (depth == 0 && (c == '}' || c == ']')) return i;
        }
        return rest_.size();
    }

    static bool ends_value(char c) {
        return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    std::string_view rest_;
};

/// Reads the rows of a body that is known to be JSON.
class BodyReader {
public:
    explicit BodyReader(std::string_view text) : slicer_(text) {}

    Result<Body> read() {
        if (slicer_.peek() == '{') {
            const auto done = read_object();
            return done ? Result<Body>(std::move(body_)) : std::unexpected(done.error());
        }
        if (!slicer_.take('[')) return std::unexpected(invalid_body("Empty or invalid json"));
        while (slicer_.peek() != ']') {
            if (slicer_.peek() != '{') {
                return std::unexpected(invalid_body("All object keys must match"));
            }
            const auto done = read_object();
            if (!done) return std::unexpected(done.error());
            slicer_.take(',');
        }
        return std::move(body_);
    }

private:
    Result<void> read_object() {
        BodyObject object;
        if (!body_.objects.empty()) object.members.reserve(body_.objects.front().members.size());
        slicer_.take('{');
        while (!slicer_.take('}')) {
            auto name = name_of(slicer_.value(), object.members.size());
            if (!name) return std::unexpected(name.error());
            slicer_.take(':');
            object.members.emplace_back(std::move(*name), slicer_.value());
            slicer_.take(',');
            if (++values_ > limits::body_values_max) {
                return std::unexpected(limit_error("the body has too many values"));
            }
        }
        if (body_.objects.empty() || !same_names(object, body_.objects.front()))
            drop_repeated(object);
        if (first_names_.size() != object.members.size()) first_names_.clear();
        body_.objects.push_back(std::move(object));
        return {};
    }

    /// Objects mostly have the members of the first one, in its order.
    Result<std::string> name_of(std::string_view json, std::size_t place) {
        if (!body_.objects.empty() && place < first_names_.size() && first_names_[place] == json)
            return body_.objects.front().members[place].first;
        auto name = codec::from_json_text(Type{}, json);
        if (!name) return std::unexpected(name.error());
        if (body_.objects.empty()) first_names_.push_back(json);
        return name->text();
    }

    static bool same_names(const BodyObject& left, const BodyObject& right) {
        return std::ranges::equal(left.members, right.members, {},
                                  &std::pair<std::string, std::string>::first,
                                  &std::pair<std::string, std::string>::first);
    }

    /// Of members with the same name the last stays.
    static void drop_repeated(BodyObject& object) {
        std::unordered_set<std::string_view> seen;
        std::vector<std::pair<std::string, std::string>> kept;
        for (auto& member : std::views::reverse(object.members)) {
            if (seen.insert(member.first).second) kept.push_back(member);
        }
        std::ranges::reverse(kept);
        object.members = std::move(kept);
    }

    Slicer slicer_;
    Body body_;
    std::vector<std::string_view> first_names_;  // of the first object, as written
    std::size_t values_ = 0;
};

}  // namespace

const std::string* BodyObject::find(std::string_view name) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const auto& member) { return member.first == name; });
    return found == members.end() ? nullptr : &found->second;
}

bool is_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = limits::body_depth_max;
    json::basic_parser<Nothing> parser(options);
    boost::system::error_code failure;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), failure);
    return !failure && read == text.size();
}

Error invalid_body(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message), "PGRST102"};
}

Result<Body> parse_json_body(std::string_view text) {
    if (!is_json(text)) return std::unexpected(invalid_body("Empty or invalid json"));
    return BodyReader(text).read();
}

Body form_body(const std::vector<std::pair<std::string, std::string>>& fields) {
    BodyObject object;
    for (const auto& [name, text] : fields) {
        std::string value;
        codec::write_json_string(text, value);
        object.members.emplace_back(name, std::move(value));
    }
    return Body{{std::move(object)}};
}

}  // namespace dunlin::query
