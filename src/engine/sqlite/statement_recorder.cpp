#include "engine/sqlite/statement_recorder.h"

#include <sqlite3.h>

#include <mutex>
#include <set>

namespace dunlin::engine {

namespace {

/// SQLite calls plain functions from its own threads, so what they write to has to be here.
struct Recorded {
    std::mutex mutex;  // guards texts: every engine thread adds to it
    std::set<std::string> texts;
};

Recorded& recorded() {
    static Recorded only;
    return only;
}

int on_statement(unsigned, void*, void*, void* text) {
    const std::scoped_lock lock(recorded().mutex);
    recorded().texts.emplace(static_cast<const char*>(text));
    return 0;
}

int on_connection(sqlite3* connection, char**, const sqlite3_api_routines*) {
    return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, &on_statement, nullptr);
}

using Extension = void (*)();

}  // namespace

StatementRecorder::StatementRecorder() {
    sqlite3_auto_extension(reinterpret_cast<Extension>(&on_connection));
}

StatementRecorder::~StatementRecorder() {
    sqlite3_cancel_auto_extension(reinterpret_cast<Extension>(&on_connection));
}

std::vector<std::string> StatementRecorder::take() {
    const std::scoped_lock lock(recorded().mutex);
    std::vector<std::string> taken(recorded().texts.begin(), recorded().texts.end());
    recorded().texts.clear();
    return taken;
}

}  // namespace dunlin::engine
