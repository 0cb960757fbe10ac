#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

/// A small database with rules, evaluated in the plainest way: no SQL, none of the server's code.
/// What PostgreSQL says of row level security, as far as these policies go.
namespace dunlin::oracle {

/// Text, or NULL. Numbers are text too: the policies only compare for equality.
using Cell = std::optional<std::string>;
using Row = std::map<std::string, Cell>;
/// Three-valued truth.
using Truth = std::optional<bool>;

struct Person {
    std::string role;  // anon, authenticated, service_role
    Cell id{};
};

/// A condition over a row, as SQL and as a tree.
struct Condition {
    enum class Kind {
        Constant,
        OwnedByReader,
        Equals,
        IsNull,
        Not,
        And,
        Or,
        Exists,
        InList,
        Helper
    };
    Kind kind = Kind::Constant;
    Truth constant{};
    std::string column{};
    Cell value{};
    std::vector<Condition> parts{};  // Exists, InList: one over the inner row
    std::string table{};             // Exists, InList, Helper
    std::string inner_column{};      // equal to `column` of the row around it
    bool tied = true;                // Exists: to the row around it

    std::string sql(const std::string& row_name) const;
};

struct Policy {
    std::string command;  // all, select, insert, update, delete
    bool permissive = true;
    std::string role{};  // "" for every role
    std::optional<Condition> visible{}, check{};
};

struct Table {
    std::string name;
    bool rules = false;
    std::vector<Policy> policies{};
    std::string parent{};                                     // table that `ref` is an id of
    std::set<std::pair<std::string, std::string>> revoked{};  // command, role
    std::set<std::pair<std::string, std::string>> hidden{};   // column, role that may not read it
    std::set<std::pair<std::string, std::string>> unwritable{};  // column, role: not to update
    std::vector<Row> rows{};

    std::vector<std::string> column_names() const;
    bool hides(const std::string& column, const Person& who) const;
};

/// What a request comes to.
struct Outcome {
    bool refused = false;         // 42501
    bool unknown = false;         // it names what the role may not see. Both: either is said.
    std::set<std::string> ids{};  // that were read or written
    std::map<std::string, std::set<std::string>> related{};  // of embed(), by id

    bool done() const { return !refused && !unknown; }
};

/// Which rows an embedding is asked of, and of which.
struct Embedding {
    std::size_t table = 0, other = 0;  // one is the parent of the other
    bool inner = false;
    Cell kind{};  // only related rows of it
};

enum class OnConflict { Merge, Ignore };

class World {
public:
    explicit World(unsigned seed);

    std::string migration() const;
    const std::vector<Table>& tables() const { return tables_; }

    bool sees(const Table& table, const Row& row, const Person& who) const;
    /// Rows with `column` = `value`; all without a column.
    Outcome select(std::size_t table, const Person& who, const std::string& column,
                   const Cell& value) const;
    Outcome embed(const Embedding& asked, const Person& who) const;
    Outcome insert(std::size_t table, const Person& who, const Row& row);
    /// By id.
    Outcome upsert(std::size_t table, const Person& who, const Row& row, OnConflict resolution);
    Outcome update(std::size_t table, const Person& who, const std::string& column,
                   const Cell& value, const Row& set);
    Outcome remove(std::size_t table, const Person& who, const std::string& column,
                   const Cell& value);
    bool denied(const Table& table, const std::string& command, const Person& who) const;

    Cell random_cell(const std::string& column);
    /// All but the id.
    Row random_cells(std::size_t table);
    std::size_t below(std::size_t end) { return random_() % end; }

private:
    enum class Part { Using, Check };

    Condition leaf(std::size_t table);
    Condition condition(std::size_t table, int depth);
    void add_policies(std::size_t table);
    void add_rights(std::size_t table);

    const Table& named(const std::string& name) const;
    Truth truth(const Condition& condition, const Row& row, const Person& who) const;
    bool inner(const Condition& condition, const Row& row, const Person& who) const;
    bool allows(const Table& table, const std::string& command, Part part, const Row& row,
                const Person& who) const;
    bool reads_denied(const Condition& condition, const Person& who) const;
    bool reads_hidden(const Table& table, const Condition& condition, const Person& who) const;

    std::mt19937 random_;
    std::vector<Table> tables_;
    int last_id_ = 0;
};

extern const std::vector<Person> people;
extern const std::vector<std::string> columns;

}  // namespace dunlin::oracle
