#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/limits.h"
#include "query/read_rows.h"

namespace dunlin::query {

namespace {

/// Prints what was fetched; rows that many parents share are printed for each of them, so the size
/// of the text is what bounds the work.
class Printer {
public:
    bool full() const { return out.size() > limits::result_bytes_max; }

    void object(const FetchedRows& from, const std::vector<ReadField>& fields, std::size_t row) {
        out.push_back('{');
        for (std::size_t i = 0; i < fields.size() && !full(); ++i) {
            if (i > 0) out.push_back(',');
            out += fields[i].key;
            value(from, fields[i], row);
        }
        out.push_back('}');
    }

    void value(const FetchedRows& from, const ReadField& field, std::size_t row) {
        switch (field.kind) {
            case ReadField::Kind::Value:
                return codec::write_json(field.type, from.rows[row][field.column], out);
            case ReadField::Kind::Object:
                if (from.rows[row][field.column].is_null())
                    out += "null";
                else
                    object(from, field.members, row);
                return;
            case ReadField::Kind::Embedded:
            case ReadField::Kind::Spread:
                return related(from.children[field.child], field, row);
        }
    }

    std::string out;

private:
    void related(const FetchedRows& child, const ReadField& field, std::size_t parent) {
        const std::size_t spare = child.rows.size() - 1;  // ReadNode::when_empty
        std::span<const std::size_t> rows = rows_of(child, parent);
        if (rows.empty() && child.node->when_empty) rows = std::span(&spare, 1);
        const auto one = [&](std::size_t row) {
            if (field.kind == ReadField::Kind::Embedded)
                object(child, child.node->fields, row);
            else
                value(child, child.node->fields[field.child_field], row);
        };
        if (child.node->to_one) {
            if (rows.empty())
                out += "null";
            else
                one(rows.front());
            return;
        }
        out.push_back('[');
        for (std::size_t i = 0; i < rows.size() && !full(); ++i) {
            if (i > 0) out.push_back(',');
            one(rows[i]);
        }
        out.push_back(']');
    }

    static std::span<const std::size_t> rows_of(const FetchedRows& child, std::size_t parent) {
        const std::size_t key = child.key_of_parent[parent];
        if (key == FetchedRows::no_key) return {};
        return std::span(child.sorted)
            .subspan(child.starts[key], child.starts[key + 1] - child.starts[key]);
    }
};

Error too_large() {
    return sql_error("54000", "the result is too large", "", "Limit the rows of the request.");
}

void write_stripped(const codec::JsonNode& node, std::string& out) {
    using Kind = codec::JsonNode::Kind;
    switch (node.kind) {
        case Kind::Null:
            out += "null";
            return;
        case Kind::String:
            return codec::write_json_string(node.text, out);
        case Kind::Number:
        case Kind::Boolean:
            out += node.text;
            return;
        case Kind::Array:
        case Kind::Object:
            break;
    }
    const bool object = node.kind == Kind::Object;
    out.push_back(object ? '{' : '[');
    bool first = true;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (object && node.items[i].kind == Kind::Null) continue;
        if (!first) out.push_back(',');
        first = false;
        if (object) {
            codec::write_json_string(node.keys[i], out);
            out.push_back(':');
        }
        write_stripped(node.items[i], out);
    }
    out.push_back(object ? '}' : ']');
}

/// A field of a record: quoted when it is empty or has one of the characters that mean something.
void write_record_field(std::string_view text, std::string& out) {
    const bool plain = !text.empty() && text.find_first_of("\"\\(), \t\n\r\v\f") == text.npos;
    if (plain) {
        out += text;
        return;
    }
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back(c);
        out.push_back(c);
    }
    out.push_back('"');
}

void write_csv_value(const FetchedRows& fetched, const ReadField& field, std::size_t row,
                     std::string& out) {
    if (field.kind == ReadField::Kind::Value) {
        const Value& value = fetched.rows[row][field.column];
        if (!value.is_null()) write_record_field(codec::to_text(field.type, value), out);
        return;
    }
    Printer printer;
    printer.value(fetched, field, row);
    if (printer.out != "null") write_record_field(printer.out, out);
}

}  // namespace

void print_flat(const std::vector<ReadField>& fields, std::span<const ValueView> row,
                std::string& out) {
    out.push_back('{');
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) out.push_back(',');
        out += fields[i].key;
        const ValueView value = row[fields[i].column];
        if (fields[i].kind == ReadField::Kind::Value)
            codec::write_json(fields[i].type, value, out);
        else if (value.is_null())
            out += "null";
        else
            print_flat(fields[i].members, row, out);
    }
    out.push_back('}');
}

Result<std::string> print_json(const FetchedRows& fetched) {
    Printer printer;
    printer.out = "[";
    for (std::size_t row = 0; row < fetched.rows.size(); ++row) {
        if (row > 0) printer.out += ",\n ";
        printer.object(fetched, fetched.node->fields, row);
        if (printer.full()) return std::unexpected(too_large());
    }
    return std::move(printer.out) + "]";
}

std::string strip_nulls(const std::string& json) {
    const auto tree = codec::parse_json_tree(json, codec::JsonEscapes::Decode);
    if (!tree) return json;  // deeper than json_depth_max
    std::string out;
    write_stripped(*tree, out);
    return out;
}

Result<std::string> print_csv(const FetchedRows& fetched) {
    // PostgREST takes the names from the first row, and puts the line end behind them anyway.
    if (fetched.rows.empty()) return "\n";
    std::string out;
    const auto& fields = fetched.node->fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        out += (i > 0 ? "," : "") + fields[i].name;
    }
    if (fetched.rows.empty()) return std::string("\n");  // as PostgREST has it
    for (std::size_t row = 0; row < fetched.rows.size(); ++row) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            out.push_back(i > 0 ? ',' : '\n');
            write_csv_value(fetched, fields[i], row, out);
        }
        if (out.size() > limits::result_bytes_max) return std::unexpected(too_large());
    }
    return out;
}

}  // namespace dunlin::query
