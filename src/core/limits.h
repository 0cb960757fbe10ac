#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the server, in one place. What hits one is told so, never cut silently.
namespace dunlin::limits {

using namespace std::chrono_literals;

// HTTP (RFC 9112)
constexpr std::size_t http_header_bytes_max = 16 * 1024;
constexpr std::size_t http_header_count_max = 100;
constexpr std::size_t http_body_bytes_max = 16 * 1024 * 1024;
/// Memory that connections hold together for slow peers: bodies, parts of messages, queues. Each
/// loop has its share; bodies may take half of it, over which large ones are refused. Small ones
/// never are, so that a server full of slow readers still says that it lives. Over the whole share
/// the largest queues go. The default of a setting.
constexpr std::size_t held_bytes_max = 1024 * 1024 * 1024;
constexpr std::size_t http_small_body_bytes_max = 16 * 1024;
constexpr std::size_t http_connections_max = 60'000;
constexpr auto http_header_timeout = 10s;
constexpr auto http_body_timeout = 60s;
constexpr auto http_idle_timeout = 60s;
/// An answer has this time and as much more as its size takes a slow but honest reader.
constexpr auto http_write_timeout = 60s;
constexpr std::size_t http_write_bytes_per_second_min = 256 * 1024;
/// How long the rest of a request is read and dropped after the last answer (RFC 9112 section 9.6).
constexpr auto http_linger_timeout = 2s;
constexpr auto http_drain_timeout = 10s;
/// Sockets and streams say goodbye at a stop within this time (the default of a setting), and few
/// of them at this rate.
constexpr auto http_farewell_time = 5s;
constexpr std::size_t http_farewells_per_second_min = 100;
/// What one turn of a loop may do of a kind before everybody else has theirs.
constexpr std::size_t accepts_per_turn_max = 256;
constexpr std::size_t upgrades_per_turn_max = 32;
constexpr std::size_t flushes_per_turn_max = 512;
/// Handshakes that wait for their turn; over it they are refused with 503 and Retry-After.
constexpr std::size_t upgrades_waiting_max = 2000;
/// Bytes that wait in a streamed answer when its source is asked to hold back, and when it is cut.
constexpr std::size_t stream_queue_bytes_soft = 256 * 1024;
constexpr std::size_t stream_queue_bytes_max = 1024 * 1024;

// WebSocket (RFC 6455)
constexpr std::size_t websocket_message_bytes_max = 5 * 1024 * 1024;
/// What may wait for a slow reader before the last frame, the cost of each frame included: over a
/// quarter of it the endpoint is told to hold back, over all of it the socket is closed with 1013.
/// The default of a setting.
constexpr std::size_t websocket_queue_bytes_max = 1024 * 1024;
constexpr auto websocket_idle_timeout = 90s;

// What the server sends out: requests to other servers and mail
constexpr std::size_t outbound_transfers_max = 64;  // at the same time
constexpr std::size_t outbound_queue_max = 1'000;   // waiting for one of these places
constexpr auto outbound_connect_timeout = 5s;
constexpr auto fetch_timeout = 10s;  // waiting for a place included
constexpr std::size_t fetch_body_bytes_max = 1024 * 1024;
constexpr std::size_t fetch_header_bytes_max = 64 * 1024;
constexpr std::size_t fetch_redirects_max = 5;
constexpr auto mail_timeout = 30s;     // one attempt
constexpr auto mail_retry_delay = 2s;  // before the second attempt; twice that before the third
constexpr std::size_t mail_attempts_max = 3;
constexpr std::size_t mail_bytes_max = 1024 * 1024;  // text and HTML together
constexpr std::size_t mail_header_bytes_max = 998;   // RFC 5322 section 2.1.1

// Sign-in with other providers
constexpr std::size_t id_token_bytes_max = 16 * 1024;
constexpr std::size_t provider_keys_max = 64;  // of one issuer
/// How long the keys of an issuer are believed, and how often a token with a key id that is not
/// among them may have them fetched again.
constexpr auto provider_keys_lifetime = 1h;
constexpr auto provider_keys_refetch_interval = 1min;
constexpr std::size_t provider_fetches_max = 32;  // for one issuer at the same time

// Messages kept under --dev
constexpr std::size_t outbox_messages_max = 200;
constexpr std::size_t outbox_bytes_max = 16 * 1024 * 1024;

// Live
constexpr std::size_t channels_per_client_max = 100;
constexpr std::size_t bindings_per_channel_max = 100;
/// Tables that the bindings of one channel may name together; a wildcard names all it stands for.
constexpr std::size_t subscriptions_per_channel_max = 1000;
/// Commits that may wait while the readers they concern are loaded again; over it, channels that
/// follow changes are told to join again. And how long they may wait for one reader.
constexpr std::size_t held_batches_max = 10'000;
/// Of a large commit, what is matched and handed out before its loop turns to its sockets again.
constexpr std::size_t frames_per_turn_max = 10'000;
constexpr std::size_t changes_per_turn_max = 10'000;
constexpr auto reader_timeout = 10s;
/// Rows that a change of rights may show or hide at once, and keys of memberships that they are
/// looked for by; over it a channel is told to read its rows again, or all rows are looked at.
constexpr std::size_t moved_rows_max = 10'000;
constexpr std::size_t moved_keys_max = 500;
/// Devices whose place in the log is remembered; the longest unused are forgotten first.
constexpr std::size_t resume_points_max = 200'000;
constexpr std::size_t device_name_bytes_max = 200;
constexpr std::size_t filter_conditions_max = 32;
constexpr std::size_t filter_in_items_max = 100;
/// Different filters on one table that no index serves (only `neq`, `like`, …) and whose table has
/// no policy of the owner kind: each is looked at for every change of the table, on each loop.
constexpr std::size_t unindexed_filters_per_table_max = 1000;
constexpr std::size_t topic_bytes_max = 255;
constexpr std::size_t broadcast_payload_bytes_max = 3000 * 1024;
constexpr std::size_t broadcast_event_bytes_max = 255;
constexpr std::size_t replayed_messages_max = 25;  // to a channel that joins
constexpr std::int64_t persist_ttl_s_max = 10LL * 366 * 24 * 3600;
constexpr std::size_t broadcast_batch_max = 1000;  // messages of one HTTP request
/// Of one client, on average; as many as a burst at once.
constexpr double messages_per_second_max = 1000;
constexpr double messages_burst_max = 2000;
constexpr double joins_per_second_max = 100;
constexpr double joins_burst_max = 200;
constexpr double presence_calls_per_30_s_max = 100;
/// Presence: a client's key, what it says of itself, and all of one topic together, which has to
/// fit into a client's queue. Then all topics of the server.
constexpr std::size_t presence_key_bytes_max = 255;
constexpr std::size_t presence_fields_bytes_max = 16 * 1024;
constexpr std::size_t presence_keys_per_topic_max = 10'000;
constexpr std::size_t presence_metas_per_key_max = 100;
constexpr std::size_t presence_topic_bytes_max = 768 * 1024;
constexpr std::size_t presence_bytes_max = 256 * 1024 * 1024;
/// The least time between two messages about who is present.
constexpr auto presence_interval = 50ms;
constexpr std::size_t change_payload_bytes_max = 1024 * 1024;
/// Channels that one loop lists for the status endpoints; the rest is only counted.
constexpr std::size_t described_channels_max = 2'000;
/// And for the inspector, which asks every second.
constexpr std::size_t inspected_channels_max = 100;
constexpr std::size_t inspected_clients_max = 20;
constexpr std::size_t inspected_tables_max = 50;
/// How long the status endpoints wait for a loop or for the writer: what does not answer in this
/// time counts as not working. And how old a loop's last tick may be.
constexpr auto liveness_timeout = 2s;
constexpr auto tick_age_max = 5s;

// Change log and feed
/// The newest commits, kept in memory for whoever has not read them yet; about, as they take there.
constexpr std::size_t recent_changes_bytes_max = 64 * 1024 * 1024;
/// One reading of the log stops at the end of a commit when it has so many bytes.
constexpr std::size_t log_read_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t feed_changes_default = 1'000;
constexpr std::size_t feed_changes_max = 10'000;
constexpr std::size_t feed_tables_max = 1'000;
/// An answer stops at the end of a commit when it has so many bytes; over the second, one commit
/// alone is too much for the feed and the rows have to be read again.
constexpr std::size_t feed_answer_bytes = 4 * 1024 * 1024;
constexpr std::size_t feed_answer_bytes_max = 64 * 1024 * 1024;
constexpr auto feed_wait_max = 55s;
constexpr auto feed_keep_alive = 15s;
constexpr std::size_t feed_snapshot_rows_max =
    100'000;  // as one JSON answer; a stream has no limit
constexpr std::size_t feed_snapshot_page_rows = 2'000;

// Engine
constexpr std::size_t write_group_units_max = 512;
constexpr std::size_t write_queue_units_max = 10'000;
constexpr std::size_t read_queue_units_max = 10'000;
constexpr auto statement_timeout = 8s;
constexpr auto anonymous_statement_timeout = 3s;
constexpr std::size_t statement_cache_size = 256;
constexpr std::size_t wal_checkpoint_bytes = 64 * 1024 * 1024;

// Functions and triggers
/// Functions and triggers at work inside each other.
constexpr std::size_t routine_depth_max = 100;
/// Statements that the functions and triggers of one request may run.
constexpr std::size_t routine_statements_max = 1'000'000;

// Sign-in
constexpr std::size_t device_text_bytes_max = 200;    // what a device says of itself
constexpr std::size_t redirect_url_bytes_max = 2048;  // where a link may lead
constexpr std::size_t messages_waiting_max = 1'000;   // mails and text messages not yet sent

// Data API
constexpr std::size_t rows_per_request_max = 100'000;
constexpr std::size_t result_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t filter_depth_max = 16;
constexpr std::size_t filters_max = 256;
constexpr std::size_t in_items_max = 10'000;
constexpr std::size_t embeds_max = 64;      // relations in one select
constexpr std::size_t embed_depth_max = 8;  // relations within relations
constexpr std::size_t read_statement_bytes_max = 1024 * 1024;
constexpr std::size_t read_values_max = 200'000;  // parameters of one statement
/// Rows of one embedded relation, for all parents together.
constexpr std::size_t embedded_rows_max = 1'000'000;
constexpr std::size_t body_values_max = 1'000'000;  // members of all rows of a write
constexpr std::size_t body_depth_max = 64;
/// Operands and parentheses of a full-text search.
constexpr std::size_t search_terms_max = 1000;
/// Different lexemes that ts_rank compares with each other.
constexpr std::size_t rank_terms_max = 64;

// SQL
constexpr std::size_t statement_bytes_max = 256 * 1024;
constexpr std::size_t migration_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t expression_depth_max = 100;
/// Functions that are put in the place of their calls: how deep, and how much they may become.
constexpr std::size_t inlined_calls_depth_max = 16;
constexpr std::size_t inlined_nodes_max = 20'000;
/// Variables of a routine, columns of rows included: each is a parameter of its statements.
constexpr std::size_t routine_slots_max = 2000;
/// Text that one call of a function may make (repeat, lpad, regexp_replace, …).
constexpr std::size_t function_text_bytes_max = 16 * 1024 * 1024;
/// Elements that a call may make an array or rows of (generate_series, regexp_split_to_array, …).
constexpr std::size_t function_elements_max = 1'000'000;
/// A format of to_char() and its kin.
constexpr std::size_t format_bytes_max = 4096;
constexpr std::size_t parser_stack_bytes = 512 * 1024 * 1024;

}  // namespace dunlin::limits
