#pragma once

#include <random>
#include <string>
#include <vector>

/// Random rows and policies over every type, for tests.
namespace dunlin::policy {

/// A column, how its type is written, values that are near to each other, and what it can be asked
/// besides comparisons.
struct Field {
    const char* name;
    const char* type;
    std::vector<const char*> values;
    bool ordered = true;
    std::vector<const char*> conditions{};
};

/// The columns of the table `things`, besides its key `id`.
const std::vector<Field>& fields();

/// Policies and rows from one seed.
class PolicyGenerator {
public:
    explicit PolicyGenerator(unsigned seed) : random_(seed) {}

    std::string condition(int depth);
    /// A condition on one column.
    std::string leaf();
    /// `(id, value, …)`
    std::string row(int id);

private:
    const Field& field() { return fields()[below(fields().size())]; }
    const char* value(const Field& field) {
        return below(5) == 0 ? "null" : field.values[below(field.values.size())];
    }
    std::size_t below(std::size_t end) { return random_() % end; }

    std::mt19937 random_;
};

}  // namespace dunlin::policy
