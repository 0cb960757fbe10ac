#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "oracle_world.h"

/// What the real code of live changes says of a world: the compiled rules, and a shard with every
/// person on every table.
namespace dunlin::oracle {

/// The filter of the second binding of every table.
extern const char* const live_kind;

/// A change of one row as a person should hear it: `BINDING EVENT ID COLUMNS`, e.g.
/// `t1 UPDATE 7 id,kind`. A binding is the table, with `/kind` behind it for the filtered one.
using Heard = std::vector<std::string>;

/// Over the database of a running server, which it only reads. Not thread-safe.
class Live {
public:
    explicit Live(const std::filesystem::path& project);
    ~Live();

    /// Whether the person's subscription was taken.
    bool follows(const Table& table, const Person& who) const;
    /// Whether the compiled rule lets the person see each stored row, by id.
    std::map<std::string, bool> allowed(const Table& table, const Person& who) const;
    /// Publishes a commit that the server has made: how the rows of a table were and are.
    void publish(const Table& table, const std::vector<Row>& before);
    /// What the person has heard since the last call, sorted.
    Heard take(const Person& who);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// What the person has to hear of one commit: the rows that its rights show and hide, as they were,
/// and then the changes, under the rights after it.
Heard expected(const World& was, const World& world, const Person& who);

}  // namespace dunlin::oracle
