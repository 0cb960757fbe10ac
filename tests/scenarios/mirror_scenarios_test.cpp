#include "routine_steps.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* albums = R"(
create table images (id bigint primary key, alt_text text, description text);
create table album_images (
  id bigint primary key,
  image_id bigint references images on delete set null,
  caption text
);
insert into images values (1, 'a dog', null), (2, null, null);
insert into album_images values (10, 1, 'x'), (11, 1, 'y'), (12, 2, 'z');
)";

const std::string mirrored = std::string(albums) + R"(
alter table album_images add column alt_text text;
comment on column album_images.alt_text is 'dunlin: mirrors images.alt_text via image_id';
)";

/// As a project that was written for PostgreSQL does it.
const std::string triggered = std::string(albums) + R"(
alter table album_images add column if not exists alt_text text;
update album_images set alt_text = (select i.alt_text from images i where i.id = image_id);
create or replace function sync_image_details_to_album_images() returns trigger as $$
begin
  if new.alt_text is distinct from old.alt_text or new.description is distinct from old.description then
    update album_images set alt_text = new.alt_text
    where image_id = new.id and alt_text is distinct from new.alt_text;
  end if;
  return new;
end;
$$ language plpgsql;
create or replace function sync_album_image_details_to_images() returns trigger as $$
begin
  if new.alt_text is distinct from old.alt_text then
    update images set alt_text = new.alt_text
    where id = new.image_id and alt_text is distinct from new.alt_text;
  end if;
  return new;
end;
$$ language plpgsql;
drop trigger if exists trigger_sync_image_details on public.images;
create trigger trigger_sync_image_details after update on public.images
  for each row execute function sync_image_details_to_album_images();
drop trigger if exists trigger_sync_album_image_details on public.album_images;
create trigger trigger_sync_album_image_details after update on public.album_images
  for each row execute function sync_album_image_details_to_images();
)";

constexpr const char* every = "album_images?select=id,alt_text&order=id";
constexpr const char* both = "images?select=id,alt_text&order=id";

const RoutineStep both_ways[] = {
    {"rows that were there have their image's value", Sender::Anon, "GET", every, "", "", 200,
     R"([{"id":10,"alt_text":"a dog"},{"id":11,"alt_text":"a dog"},{"id":12,"alt_text":null}])"},
    {"the image changes", Sender::Anon, "PATCH", "images?id=eq.1", R"({"alt_text":"a cat"})", "",
     204, ""},
    {"and every row of it", Sender::Anon, "GET", every, "", "", 200,
     R"([{"id":10,"alt_text":"a cat"},{"id":11,"alt_text":"a cat"},{"id":12,"alt_text":null}])"},
    {"a row changes", Sender::Anon, "PATCH", "album_images?id=eq.10", R"({"alt_text":"a cow"})", "",
     204, ""},
    {"and its image", Sender::Anon, "GET", both, "", "", 200,
     R"([{"id":1,"alt_text":"a cow"},{"id":2,"alt_text":null}])"},
    {"and the image's other rows", Sender::Anon, "GET", every, "", "", 200,
     R"([{"id":10,"alt_text":"a cow"},{"id":11,"alt_text":"a cow"},{"id":12,"alt_text":null}])"},
    {"nothing else follows", Sender::Anon, "PATCH", "images?id=eq.2", R"({"description":"d"})", "",
     204, ""},
    {"to NULL", Sender::Anon, "PATCH", "album_images?id=eq.11", R"({"alt_text":null})", "", 204,
     ""},
    {"as well", Sender::Anon, "GET", "images?alt_text=is.null&select=id&order=id", "", "", 200,
     R"([{"id":1},{"id":2}])"},
};

}  // namespace

TEST(MirrorScenarios, AMirroredColumnFollowsInBothDirections) {
    const ScenarioServer server(mirrored);
    for (const RoutineStep& step : both_ways) run(server, step);
}

TEST(MirrorScenarios, SoDoTriggersThatUpdateEachOther) {
    const ScenarioServer server(triggered);
    for (const RoutineStep& step : both_ways) run(server, step);
}

TEST(MirrorScenarios, NewRowsAndOtherImages) {
    const ScenarioServer server(mirrored);
    constexpr auto all = "return=representation";
    const RoutineStep steps[] = {
        {"a new row takes its image's value", Sender::Anon, "POST", "album_images?select=alt_text",
         R"({"id":20,"image_id":1})", all, 201, R"([{"alt_text":"a dog"}])"},
        {"or gives its own", Sender::Anon, "POST", "album_images",
         R"({"id":21,"image_id":2,"alt_text":"new"})", "", 201, ""},
        {"to the image and its other rows", Sender::Anon, "GET",
         "album_images?image_id=eq.2&select=id,alt_text&order=id", "", "", 200,
         R"([{"id":12,"alt_text":"new"},{"id":21,"alt_text":"new"}])"},
        {"another image", Sender::Anon, "PATCH", "album_images?id=eq.20&select=alt_text",
         R"({"image_id":2})", all, 200, R"([{"alt_text":"new"}])"},
        {"another image and a value", Sender::Anon, "PATCH",
         "album_images?id=eq.20&select=alt_text", R"({"image_id":1,"alt_text":"mine"})", all, 200,
         R"([{"alt_text":"mine"}])"},
        {"which the image takes", Sender::Anon, "GET", both, "", "", 200,
         R"([{"id":1,"alt_text":"mine"},{"id":2,"alt_text":"new"}])"},
        {"no image: an ordinary column", Sender::Anon, "PATCH",
         "album_images?id=eq.20&select=alt_text", R"({"image_id":null})", all, 200,
         R"([{"alt_text":"mine"}])"},
    };
    for (const RoutineStep& step : steps) run(server, step);
}

TEST(MirrorScenarios, TakenBackItIsAnOrdinaryColumn) {
    for (const std::string& undo :
         {std::string("comment on column album_images.alt_text is null;"),
          std::string("drop index if exists album_images_alt_text_mirror_idx;"
                      "comment on column album_images.alt_text is 'only a comment';")}) {
        const ScenarioServer server(mirrored + undo);
        const RoutineStep steps[] = {
            {"the image changes", Sender::Anon, "PATCH", "images?id=eq.1",
             R"({"alt_text":"a cat"})", "", 204, ""},
            {"nothing follows", Sender::Anon, "GET", "album_images?id=eq.10&select=alt_text", "",
             "", 200, R"([{"alt_text":"a dog"}])"},
        };
        for (const RoutineStep& step : steps) run(server, step);
    }
    const ScenarioServer dropped(mirrored + "alter table album_images drop column alt_text;");
    run(dropped,
        {"the image goes on", Sender::Anon, "PATCH", "images?id=eq.1&select=alt_text",
         R"({"alt_text":"a cat"})", "return=representation", 200, R"([{"alt_text":"a cat"}])"});
}

TEST(MirrorScenarios, TheTriggersOfAProjectCanBeTakenBackAsWell) {
    const ScenarioServer server(triggered + R"(
DROP TRIGGER IF EXISTS trigger_sync_image_details ON "public"."images";
DROP TRIGGER IF EXISTS trigger_sync_album_image_details ON "public"."album_images";
DROP FUNCTION IF EXISTS sync_image_details_to_album_images();
DROP FUNCTION IF EXISTS sync_album_image_details_to_images();
ALTER TABLE "public"."album_images" DROP COLUMN IF EXISTS "alt_text";
ALTER TABLE "public"."album_images" DROP COLUMN IF EXISTS "description";
DROP INDEX IF EXISTS "idx_album_images_alt_text";
)");
    run(server, {"the column is gone", Sender::Anon, "GET", "album_images?select=alt_text", "", "",
                 400, "42703"});
}

}  // namespace dunlin::scenarios
