#include "core/codec.h"
#include "core/limits.h"
#include "query/body.h"
#include "query/cursor.h"

namespace dunlin::query {

namespace {

/// Reads the records of RFC 4180; line ends may be LF or CR LF.
class CsvReader {
public:
    explicit CsvReader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }

    Result<std::vector<std::string>> read_record() {
        std::vector<std::string> fields;
        while (true) {
            auto field = rest_.starts_with('"') ? read_quoted() : read_plain();
            if (!field) return std::unexpected(field.error());
            fields.push_back(std::move(*field));
            if (rest_.starts_with(',')) {
                rest_.remove_prefix(1);
                continue;
            }
            if (take_line_end()) return fields;
            return std::unexpected(invalid_body("a quoted CSV field goes on after its quote"));
        }
    }

private:
    bool take_line_end() {
        if (rest_.starts_with("\r\n")) {
            rest_.remove_prefix(2);
            return true;
        }
        if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '\r') return false;
        if (!rest_.empty()) rest_.remove_prefix(1);
        return true;
    }

    Result<std::string> read_plain() {
        const auto end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
        std::string field(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return field;
    }

    Result<std::string> read_quoted() {
        std::string field;
        rest_.remove_prefix(1);
        while (true) {
            const auto quote = rest_.find('"');
            if (quote == rest_.npos) {
                return std::unexpected(invalid_body("a quoted CSV field does not end"));
            }
            field += rest_.substr(0, quote);
            rest_.remove_prefix(quote + 1);
            if (!rest_.starts_with('"')) return field;
            field.push_back('"');
            rest_.remove_prefix(1);
        }
    }

    std::string_view rest_;
};

bool is_blank_line(const std::vector<std::string>& fields) {
    return fields.size() == 1 && fields.front().empty();
}

BodyObject object_of(const std::vector<std::string>& names,
                     const std::vector<std::string>& fields) {
    BodyObject object;
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::string value;
        if (fields[i] == "NULL")
            value = "null";
        else
            codec::write_json_string(fields[i], value);
        object.members.emplace_back(names[i], std::move(value));
    }
    return object;
}

}  // namespace

Result<Body> parse_csv_body(std::string_view text) {
    CsvReader reader(text);
    const auto names = reader.read_record();
    if (!names) return std::unexpected(names.error());
    if (is_blank_line(*names)) return std::unexpected(invalid_body("the CSV has no header line"));
    Body body;
    while (!reader.at_end()) {
        const auto fields = reader.read_record();
        if (!fields) return std::unexpected(fields.error());
        if (is_blank_line(*fields)) continue;
        if (fields->size() != names->size()) {
            return std::unexpected(invalid_body("All lines must have same number of fields"));
        }
        body.objects.push_back(object_of(*names, *fields));
        if (body.objects.size() * names->size() > limits::body_values_max) {
            return std::unexpected(limit_error("the body has too many values"));
        }
    }
    return body;
}

}  // namespace dunlin::query
