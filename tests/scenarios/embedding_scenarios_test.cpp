#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* library = R"(
create table authors (id bigint primary key, name text not null, owner uuid);
create table books (
  id bigint primary key,
  title text not null,
  author_id bigint references authors on delete set null,
  price numeric(8,2),
  sequel_of bigint references books
);
create table tags (id bigint primary key, label text not null);
create table books_tags (
  book_id bigint references books on delete cascade,
  tag_id bigint references tags,
  primary key (book_id, tag_id)
);
create view cheap_books as select id, title, author_id from books where price < 10;
create table notes (id bigint primary key, book_id bigint references books, body text);
alter table notes enable row level security;
create policy open on notes for select using (body not like 'secret%');
create table secrets (id bigint primary key, book_id bigint references books);
revoke select on secrets from anon;

insert into authors (id, name) values (1, 'Ann'), (2, 'Bob'), (3, 'Cid');
insert into books (id, title, author_id, price, sequel_of) values
  (1, 'Tide', 1, 9.50, null), (2, 'Tide II', 1, 12.00, 1), (3, 'Reed', 2, 5.25, null);
insert into tags values (1, 'sea'), (2, 'land');
insert into books_tags values (1, 1), (2, 1), (2, 2);
insert into notes values (1, 1, 'nice'), (2, 1, 'secret: no'), (3, 3, 'short');
)";

struct Step {
    const char* why;
    const char* method;
    const char* target;
    const char* body;
    int status;
    const char* expected;  // JSON, or the code of the error
};

void run(const ScenarioServer& server, const Step& step) {
    const auto answer = server.send(Sender::Anon, step.method, step.target, step.body,
                                    {{"Prefer", "return=representation,count=exact"}});
    EXPECT_EQ(answer.status, step.status) << step.why << "\n" << answer.body;
    const std::string expected = step.expected;
    if (expected.starts_with('[') || expected.starts_with('{')) {
        EXPECT_TRUE(same_json(answer.body, expected)) << step.why << "\n" << answer.body;
    } else {
        EXPECT_NE(answer.body.find("\"code\":\"" + expected + "\""), std::string::npos)
            << step.why << "\n"
            << answer.body;
    }
}

}  // namespace

TEST(EmbeddingScenarios, Reading) {
    const ScenarioServer server(library);
    const Step steps[] = {
        {"both ways", "GET", "/rest/v1/authors?select=name,books(title)&id=lt.3", "", 200,
         R"([{"name":"Ann","books":[{"title":"Tide"},{"title":"Tide II"}]},
             {"name":"Bob","books":[{"title":"Reed"}]}])"},
        {"through a junction", "GET", "/rest/v1/books?select=id,tags(label)&id=eq.2", "", 200,
         R"([{"id":2,"tags":[{"label":"sea"},{"label":"land"}]}])"},
        {"a view", "GET", "/rest/v1/cheap_books?select=title,authors(name)&order=id", "", 200,
         R"([{"title":"Tide","authors":{"name":"Ann"}},{"title":"Reed","authors":{"name":"Bob"}}])"},
        {"policies hold inside", "GET", "/rest/v1/books?select=id,notes(id)&order=id", "", 200,
         R"([{"id":1,"notes":[{"id":1}]},{"id":2,"notes":[]},{"id":3,"notes":[{"id":3}]}])"},
        {"also for who has one", "GET",
         "/rest/v1/books?select=id,notes!inner(id)&notes.body=like.secret*", "", 200, "[]"},
        {"rights hold inside", "GET", "/rest/v1/books?select=id,secrets(id)", "", 401, "42501"},
        {"an anti join is counted", "GET", "/rest/v1/authors?select=id,books()&books=is.null", "",
         200, R"([{"id":3}])"},
        {"itself", "GET", "/rest/v1/books?select=id,sequel_of(id),books(id)&id=lt.3&order=id", "",
         200,
         R"([{"id":1,"sequel_of":null,"books":[{"id":2}]},{"id":2,"sequel_of":{"id":1},"books":[]}])"},
        {"counting what belongs to a row", "GET",
         "/rest/v1/authors?select=id,books(count)&order=id", "", 200,
         R"([{"id":1,"books":[{"count":2}]},{"id":2,"books":[{"count":1}]},{"id":3,"books":[{"count":0}]}])"},
        {"aggregates are off", "GET", "/rest/v1/books?select=price.sum()", "", 400, "PGRST123"},
        {"nothing to join", "GET", "/rest/v1/authors?select=id,tags(id)", "", 400, "PGRST200"},
    };
    for (const Step& step : steps) run(server, step);
}

TEST(EmbeddingScenarios, AmbiguityIsAChoice) {
    const ScenarioServer server(
        "create table places (id bigint primary key);"
        "create table trips (id bigint primary key, start_id bigint references places, "
        "end_id bigint references places);");
    const auto answer = server.send(Sender::Anon, "GET", "/rest/v1/trips?select=places(id)");
    EXPECT_EQ(answer.status, 300);
    EXPECT_TRUE(same_json(answer.body, R"x({
        "code": "PGRST201",
        "details": [
          {"cardinality": "many-to-one", "embedding": "trips with places",
           "relationship": "trips_end_id_fkey using trips(end_id) and places(id)"},
          {"cardinality": "many-to-one", "embedding": "trips with places",
           "relationship": "trips_start_id_fkey using trips(start_id) and places(id)"}],
        "hint": "Try changing 'places' to one of the following: 'places!trips_end_id_fkey', 'places!trips_start_id_fkey'. Find the desired relationship in the 'details' key.",
        "message": "Could not embed because more than one relationship was found for 'trips' and 'places'"})x"))
        << answer.body;
}

TEST(EmbeddingScenarios, Writing) {
    const ScenarioServer server(library);
    const Step steps[] = {
        {"what was inserted, with what it belongs to", "POST",
         "/rest/v1/books?select=id,price::text,authors(name),notes(id)",
         R"({"id":9,"title":"New","author_id":2,"price":"1.5"})", 201,
         R"([{"id":9,"price":"1.50","authors":{"name":"Bob"},"notes":[]}])"},
        {"an update in its order", "PATCH",
         "/rest/v1/books?id=in.(1,2)&select=title,tags(label)&order=id.desc&tags.label=eq.sea",
         R"({"price":"3"})", 200,
         R"([{"title":"Tide II","tags":[{"label":"sea"}]},{"title":"Tide","tags":[{"label":"sea"}]}])"},
        {"what was deleted, relations as they are now", "DELETE",
         "/rest/v1/books?id=eq.2&select=id,authors(name),books_tags(tag_id)", "", 200,
         R"([{"id":2,"authors":{"name":"Ann"},"books_tags":[]}])"},
        {"a wrong select is refused before anything is written", "POST",
         "/rest/v1/tags?select=id,authors(name)", R"({"id":7,"label":"x"})", 400, "PGRST200"},
        {"indeed", "GET", "/rest/v1/tags?id=eq.7", "", 200, "[]"},
    };
    for (const Step& step : steps) run(server, step);
}

}  // namespace dunlin::scenarios
