#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/mutations.h"

using namespace tallymill;

namespace {

/// Three centres that serve each other and two receivers, a loop that nothing leaves and one that
/// serves it, and a centre that serves nobody.
class Centres : public PublishedJob {
 public:
  Centres() : PublishedJob("centres") {
    add_input("cost",
              "SELECT * FROM (VALUES ('it', 1000.00::DECIMAL(18,2)), ('hr', -333.33), ('house', "
              "70.01), ('loop', 5.00), ('feeder', 6.00), ('alone', 7.00), ('self', 8.00)) "
              "t(centre, amount)",
              columns_of({text_column("centre"), money_column("amount")}, {"centre"}));
    add_input("hours",
              "SELECT * FROM (VALUES ('it', 'hr', 3::BIGINT), ('it', 'east', 5), ('it', 'it', 9), "
              "('hr', 'it', 2), ('hr', 'house', 1), ('hr', 'west', 4), ('house', 'it', 1), "
              "('house', 'hr', 1), ('house', 'east', 0), ('house', 'west', 1), ('loop', 'pool', "
              "1), ('pool', 'loop', 1), ('feeder', 'loop', 1), ('feeder', 'east', 2), ('self', "
              "'self', 1)) t(server, served, hours)",
              columns_of({text_column("server"), text_column("served"), integer_column("hours")}));
    set_job(
        "type: reciprocal\n"
        "pool: { dataset: cost, centre: centre, amount: amount }\n"
        "services: { dataset: hours, from: server, to: served, units: hours }\n"
        "closed_loop: park\ninto: bearer\n");
    publish();
  }
  Lines objections(const std::string& dataset, const std::string& select) {
    rewrite(dataset, select, true);
    believe(dataset);
    return mismatches(verify());
  }
};

/// Twelve centres of which each serves most others.
class ManyCentres : public PublishedJob {
 public:
  ManyCentres() : PublishedJob("many_centres") {
    add_input("cost",
              "SELECT 'c' || i AS centre, ((i * 7919 % 100000 - 20000) / 100)::DECIMAL(18,2) AS "
              "amount FROM range(12) t(i)",
              columns_of({text_column("centre"), money_column("amount")}, {"centre"}));
    add_input("hours",
              "SELECT 'c' || i AS server, (CASE WHEN j < 12 THEN 'c' ELSE 'r' END) || j AS served, "
              "(i * 31 + j * 17) % 23 AS hours FROM range(12) t(i), range(18) u(j)",
              columns_of({text_column("server"), text_column("served"), integer_column("hours")}));
    set_job(
        "type: reciprocal\n"
        "pool: { dataset: cost, centre: centre, amount: amount }\n"
        "services: { dataset: hours, from: server, to: served, units: hours }\n"
        "closed_loop: park\ninto: bearer\n");
    publish();
  }
};

}  // namespace

TEST_CASE("verify reciprocal: shares of centres that serve each other hold, to the unit") {
  const Centres few;
  const ManyCentres many;
  for (const PublishedJob* job : std::initializer_list<const PublishedJob*>{&few, &many}) {
    const json::object proof = job->verify();
    CHECK(PublishedJob::mismatches(proof) == Lines{});
    CHECK(proof.at("left_out").as_array().empty());
  }
}

TEST_CASE("verify reciprocal: a part that does not follow from the services is named") {
  Centres job;
  const Lines found = job.objections(
      "bearer",
      "SELECT centre, receiver, (amount + CASE WHEN centre <> 'house' THEN 0 WHEN receiver = "
      "'east' THEN 0.01 ELSE -0.01 END)::DECIMAL(18,2) AS amount FROM rows ORDER BY ALL");
  REQUIRE(found.size() == 2);
  CHECK(
      found.at(0).starts_with("bearer/part-0000.parquet:2: every part is its receiver's share, "
                              "exact to the unit: expected "));
  CHECK(found.at(0).find(" for east of centre house, found ") != std::string::npos);
}

TEST_CASE("verify reciprocal: who is parked, and by which loop, follows from the services") {
  Centres job;
  Lines found = job.objections(
      "j.parked",
      "SELECT * REPLACE (CASE WHEN centre = 'feeder' THEN 'feeder -> east -> feeder' ELSE loop END "
      "AS loop) FROM rows ORDER BY centre");
  REQUIRE(found.size() == 1);
  CHECK(found.at(0) ==
        "j.parked/part-0000.parquet:1: a centre is parked if its cost goes round and never ends: "
        "expected closed_loop, a way round that keeps the cost of feeder, found closed_loop, "
        "feeder -> east -> feeder");
  found = job.objections("j.parked", "SELECT * FROM rows WHERE centre <> 'self'");
  CHECK(!found.empty());
}

TEST_CASE("verify: changes of the parts of centres that serve each other are noticed") {
  Centres few;
  Mutations().expect_noticed(few, {"bearer", "j.parked"}, 150);
  ManyCentres many;
  Mutations().expect_noticed(many, {"bearer"}, 150);
}
