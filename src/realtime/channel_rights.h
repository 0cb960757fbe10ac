#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/identity.h"
#include "core/result.h"
#include "policy/access_rules.h"
#include "realtime/rule_source.h"

namespace dunlin::realtime {

/// What a reader may do in a private channel (docs/guide/private-channels.md).
struct ChannelRights {
    bool read_broadcast = false;   // hears the messages of others
    bool write_broadcast = false;  // sends messages
    bool read_presence = false;    // sees who is there
    bool write_presence = false;   // shows itself

    friend bool operator==(const ChannelRights&, const ChannelRights&) = default;
};

/// Asks the policies of realtime.messages with one row per extension, as Supabase does: reading is
/// the SELECT rule, writing the check of INSERT. `topic` is without "realtime:". A role that was
/// not granted SELECT or INSERT on the table reads or writes nothing.
///
/// Fails with 0A000 and the reason when a policy cannot be evaluated in memory, and with 42501 when
/// one reads a table that the role may not read: then nobody of that role can join, which is a
/// fault of the project and not of the reader. Cost: four evaluations, no allocation but the row's.
Result<ChannelRights> channel_rights(const RuleSource& rules, std::string_view topic,
                                     const policy::Reader& reader);

/// Storage names of the tables whose changes may change channel_rights() of readers of `role`,
/// ordered. The rights themselves are asked again once the reader was loaded again. Empty when
/// channel_rights() fails.
std::vector<std::string> channel_dependencies(const RuleSource& rules, Role role);

}  // namespace dunlin::realtime
