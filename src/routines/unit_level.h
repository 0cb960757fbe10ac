#pragma once

#include "routines/unit.h"

namespace dunlin::routines {

/// One function or trigger deeper, with these rights, as long as it lives.
class Unit::Level {
public:
    Level(Unit& unit, Rights rights, std::size_t triggers = 0)
        : unit_(unit), before_(unit.rights_), triggers_(triggers) {
        ++unit_.depth_;
        unit_.trigger_depth_ += triggers_;
        unit_.rights_ = rights;
    }
    ~Level() {
        --unit_.depth_;
        unit_.trigger_depth_ -= triggers_;
        unit_.rights_ = before_;
    }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

private:
    Unit& unit_;
    Rights before_;
    std::size_t triggers_;
};

}  // namespace dunlin::routines
