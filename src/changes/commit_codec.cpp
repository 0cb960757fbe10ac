#include "changes/commit_codec.h"

#include <bit>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

namespace dunlin::changes {

namespace {

using engine::RowChange;

constexpr std::uint8_t format_version = 1;
constexpr int varint_bytes_max = 10;

enum class Tag : std::uint8_t {
    Null = 0,
    Integer = 1,
    Real = 2,
    Text = 3,
    Blob = 4,
    Unchanged = 5
};

void put_byte(std::string& out, std::uint8_t byte) {
    out.push_back(static_cast<char>(byte));
}

void put_number(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        put_byte(out, static_cast<std::uint8_t>(number | 0x80));
        number >>= 7;
    }
    put_byte(out, static_cast<std::uint8_t>(number));
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size());
    out += text;
}

/// Small magnitudes of either sign become small numbers.
std::uint64_t zigzag(std::int64_t integer) {
    return (static_cast<std::uint64_t>(integer) << 1) ^ static_cast<std::uint64_t>(integer >> 63);
}
std::int64_t unzigzag(std::uint64_t number) {
    return static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1));
}

void put_value(std::string& out, const Value& value) {
    if (value.is_integer()) {
        put_byte(out, static_cast<std::uint8_t>(Tag::Integer));
        put_number(out, zigzag(value.integer()));
    } else if (value.is_real()) {
        put_byte(out, static_cast<std::uint8_t>(Tag::Real));
        const auto bits = std::bit_cast<std::uint64_t>(value.real());
        for (int shift = 0; shift < 64; shift += 8)
            put_byte(out, static_cast<std::uint8_t>(bits >> shift));
    } else if (value.is_text()) {
        put_byte(out, static_cast<std::uint8_t>(Tag::Text));
        put_text(out, value.text());
    } else if (value.is_blob()) {
        put_byte(out, static_cast<std::uint8_t>(Tag::Blob));
        put_text(out, value.bytes());
    } else {
        put_byte(out, static_cast<std::uint8_t>(Tag::Null));
    }
}

/// Values that equal those of `before` at the same place are left out.
void put_row(std::string& out, const Row& row, const Row& before) {
    put_number(out, row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i < before.size() && before[i] == row[i]) {
            put_byte(out, static_cast<std::uint8_t>(Tag::Unchanged));
        } else {
            put_value(out, row[i]);
        }
    }
}

/// Numbers things in the order in which they first appear.
template <typename Thing>
class Numbering {
public:
    std::uint64_t number_of(const Thing& thing) {
        // Neighbours are mostly alike.
        if (!things_.empty() && *things_[last_] == thing) return last_;
        const auto [found, fresh] = numbers_.emplace(thing, things_.size());
        if (fresh) things_.push_back(&found->first);
        last_ = found->second;
        return last_;
    }
    const std::vector<const Thing*>& things() const { return things_; }

private:
    struct Hash {
        std::size_t operator()(const std::string& text) const {
            return std::hash<std::string>()(text);
        }
        std::size_t operator()(const Origin& origin) const {
            return (*this)(origin.actor) * 31 + (*this)(origin.session);
        }
    };

    std::unordered_map<Thing, std::uint64_t, Hash> numbers_;
    std::vector<const Thing*> things_;
    std::uint64_t last_ = 0;
};

/// Reads the payload from its start to its end; once something is wrong, everything after it is.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    std::vector<RowChange> read_commit();
    const char* problem() const { return problem_; }

private:
    std::uint8_t byte();
    std::uint64_t number();
    std::size_t count(const char* of_what);
    std::string text();
    Value value(const Row& before, std::size_t index);
    Row row(const Row& before);
    RowChange change(const std::vector<std::string>& tables, const std::vector<Origin>& origins);
    void fail(const char* problem) {
        if (problem_ == nullptr) problem_ = problem;
        bytes_ = {};
    }

    std::string_view bytes_;
    const char* problem_ = nullptr;
};

std::uint8_t Reader::byte() {
    if (bytes_.empty()) {
        fail("it ends too early");
        return 0;
    }
    const auto first = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return first;
}

std::uint64_t Reader::number() {
    std::uint64_t result = 0;
    for (int i = 0; i < varint_bytes_max; ++i) {
        const std::uint8_t next = byte();
        if (problem_ != nullptr) return 0;
        if (i == varint_bytes_max - 1 && next > 1) break;
        result |= static_cast<std::uint64_t>(next & 0x7f) << (7 * i);
        if (next < 0x80) {
            if (next == 0 && i > 0) break;
            return result;
        }
    }
    fail("a number is not in its shortest form");
    return 0;
}

/// A number of things that take at least a byte each.
std::size_t Reader::count(const char* of_what) {
    const std::uint64_t things = number();
    if (things > bytes_.size()) {
        fail(of_what);
        return 0;
    }
    return static_cast<std::size_t>(things);
}

std::string Reader::text() {
    const std::size_t size = count("a text is longer than the payload");
    std::string result(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return result;
}

Value Reader::value(const Row& before, std::size_t index) {
    switch (static_cast<Tag>(byte())) {
        case Tag::Null:
            return Value();
        case Tag::Integer:
            return Value(unzigzag(number()));
        case Tag::Real: {
            std::uint64_t bits = 0;
            for (int shift = 0; shift < 64; shift += 8)
                bits |= static_cast<std::uint64_t>(byte()) << shift;
            return Value(std::bit_cast<double>(bits));
        }
        case Tag::Text:
            return Value(text());
        case Tag::Blob:
            return Value(Blob{text()});
        case Tag::Unchanged:
            if (index < before.size()) return before[index];
            fail("a value has no old value");
            return Value();
    }
    fail("a value has an unknown tag");
    return Value();
}

Row Reader::row(const Row& before) {
    const std::size_t columns = count("a row is longer than the payload");
    Row result;
    for (std::size_t i = 0; i < columns && problem_ == nullptr; ++i)
        result.push_back(value(before, i));
    return result;
}

RowChange Reader::change(const std::vector<std::string>& tables,
                         const std::vector<Origin>& origins) {
    RowChange result;
    const std::uint8_t kind = byte();
    if (kind < 1 || kind > 3) fail("a change has an unknown kind");
    result.kind = static_cast<ChangeKind>(kind);
    const std::uint64_t table = number();
    const std::uint64_t origin = number();
    if (table >= tables.size() || origin >= origins.size()) fail("a change has no table or origin");
    if (problem_ != nullptr) return {};
    result.table = tables[table];
    result.origin = origins[origin];
    if (result.kind != ChangeKind::Insert) result.old_row = row({});
    if (result.kind != ChangeKind::Delete) result.new_row = row(result.old_row);
    return result;
}

std::vector<RowChange> Reader::read_commit() {
    if (byte() != format_version) fail("its version is unknown");
    std::vector<std::string> tables(count("too many tables"));
    for (std::string& table : tables) table = text();
    std::vector<Origin> origins(count("too many origins"));
    for (Origin& origin : origins) {
        origin.actor = text();
        origin.session = text();
    }
    const std::size_t changes = count("too many changes");
    std::vector<RowChange> result;
    for (std::size_t i = 0; i < changes && problem_ == nullptr; ++i) {
        result.push_back(change(tables, origins));
    }
    if (!bytes_.empty()) fail("bytes are left over");
    return result;
}

}  // namespace

std::string encode_commit(std::span<const RowChange> changes) {
    Numbering<std::string> tables;
    Numbering<Origin> origins;
    std::string body;
    for (const RowChange& change : changes) {
        put_byte(body, static_cast<std::uint8_t>(change.kind));
        put_number(body, tables.number_of(change.table));
        put_number(body, origins.number_of(change.origin));
        if (change.kind != ChangeKind::Insert) put_row(body, change.old_row, {});
        if (change.kind != ChangeKind::Delete) put_row(body, change.new_row, change.old_row);
    }
    std::string out;
    put_byte(out, format_version);
    put_number(out, tables.things().size());
    for (const std::string* table : tables.things()) put_text(out, *table);
    put_number(out, origins.things().size());
    for (const auto* origin : origins.things()) {
        put_text(out, origin->actor);
        put_text(out, origin->session);
    }
    put_number(out, changes.size());
    out += body;
    return out;
}

Result<std::vector<RowChange>> decode_commit(std::string_view bytes) {
    Reader reader(bytes);
    auto changes = reader.read_commit();
    if (reader.problem() == nullptr) return changes;
    return std::unexpected(Error{ErrorCode::Internal,
                                 std::string("the change log is damaged: ") + reader.problem(),
                                 "XX001"});
}

}  // namespace dunlin::changes
