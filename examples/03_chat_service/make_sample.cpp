// SPDX-License-Identifier: Apache-2.0

// Makes the sample that chat_service runs on when it is given no files: make_sample people.jsonl messages.tsv. Nobody
// in it exists: the telephone numbers begin with a prefix given to no operator, the identity numbers have a county code
// that is not used, addresses of machines and of mail are the ones reserved for documentation.
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace {

std::uint64_t state = 20260101;

std::uint64_t draw(std::uint64_t below) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return (z ^ (z >> 31U)) % below;
}

template <std::size_t N>
std::string one_of(const std::array<const char*, N>& list) {
  return list[static_cast<std::size_t>(draw(N))];
}

std::string digits(std::uint64_t value, int width) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*llu", width, static_cast<unsigned long long>(value));
  return text;
}

constexpr std::array family{"梅", "柏", "岑", "茅", "庞", "舒", "项", "阮", "瞿", "卓"};
constexpr std::array given{"知秋", "晓舟", "若川", "一禾", "南乔", "星野", "清越", "木棉", "听雨", "望舒"};
constexpr std::array first{"Alder", "Brynn", "Corin", "Delphi", "Edda", "Fenn", "Greer", "Halden", "Isolde", "Jory"};
constexpr std::array last{"Ashgrove",  "Birchmere",  "Clovelly", "Dunmarsh",
                          "Elmsworth", "Fernhollow", "Gorseley", "Heathcombe"};
constexpr std::array city{"云汀市", "望江市", "青屿市", "南浦市"};
constexpr std::array street{"听雨巷", "栖霞路", "观澜街", "采薇里"};
constexpr std::array hobby{"爬山🏔", "做饭", "看星星 ✨", "bookbinding", "骑车 🚲", "old maps", "养猫 🐈"};

constexpr std::array zh_opening{"今天", "明天下午", "周末", "刚才", "晚上", "昨天"};
constexpr std::array zh_middle{"一起去湖边散步吧",    "我把书还给图书馆了",   "那家小店的面真好吃",
                               "火车晚点了半个小时",  "帮我浇一下阳台上的花", "电影七点开始别迟到",
                               "孩子们在院子里放风筝"};
constexpr std::array zh_ending{"，你来吗？", "。", "，记得带伞", "，太好了😄", "，谢谢你", "……"};
constexpr std::array en_opening{"Hey, ", "By the way, ", "Sorry, ", "Good news: ", "Quick question, ", ""};
constexpr std::array en_middle{"the ferry was late again",        "I found your blue scarf",
                               "dinner is at seven on the roof",  "could you water the basil",
                               "the lighthouse tour is sold out", "I finished the chapter about owls"};
constexpr std::array en_ending{"!", ", are you coming?", ".", " :)", ", thanks a lot.", " - talk later."};

struct Row {
  int number;
  bool chinese;
  int born;
  int guardian = -1;  ///< the number of the guardian
};

std::string quoted(const std::string& name, const std::string& value) { return "\"" + name + "\":\"" + value + "\""; }

std::string uid(int number) { return "sample" + digits(static_cast<std::uint64_t>(number), 3); }

std::string list(const std::array<const char*, 4>& from, std::uint64_t chance) {
  std::string out;
  for (const char* each : from) {
    if (draw(100) < chance) out += std::string(out.empty() ? "" : ",") + "\"" + each + "\"";
  }
  return "[" + out + "]";
}

std::string person(const Row& row) {
  constexpr std::array<const char*, 4> asked{"personalize.system", "functional.service.improve",
                                             "marketing.communications.email", "personalize.content.limited"};
  const std::string n = digits(static_cast<std::uint64_t>(row.number), 3);
  const std::string month = digits(1 + draw(12), 2);
  const std::string day = digits(1 + draw(28), 2);
  const std::string name = row.chinese ? one_of(family) + one_of(given) : one_of(first) + " " + one_of(last);
  std::string out = "{" + quoted("uid", uid(row.number)) + "," + quoted("locale", row.chinese ? "zh-CN" : "en") + ",";
  out += quoted("name", name) + "," + quoted("birthday", std::to_string(row.born) + "-" + month + "-" + day) + ",";
  out += std::string("\"under14\":") + (row.born > 2012 ? "true" : "false") + ",";
  out += quoted("phone", "154000" + digits(10000 + draw(80000), 5)) + ",";
  out += quoted("id_number", digits(11 + draw(50), 2) + "9999" + std::to_string(row.born) + month + day +
                                 digits(draw(1000), 3) + "X") +
         ",";
  out += quoted("email", "sample." + n + "." + digits(draw(100000), 5) + "@example.org") + ",";
  out += "\"address\":{" + quoted("country", "CN") + "," + quoted("city", one_of(city)) + "," +
         quoted("street", one_of(street) + digits(1 + draw(300), 1) + "号") + "},";
  out += quoted("nickname", one_of(given) + "_" + n) + "," +
         quoted("bio", "喜欢" + one_of(hobby) + " and " + one_of(hobby)) + ",";
  out += quoted("ip", "198.51.100." + std::to_string(1 + draw(250))) + ",";
  out += quoted("device_id", "device-" + digits(draw(100000000), 8) + "-" + digits(draw(100000000), 8)) + ",";
  out += "\"geo\":{\"lat\":" + std::to_string(20 + draw(20)) + "." + digits(draw(100000), 5) +
         ",\"lon\":" + std::to_string(100 + draw(20)) + "." + digits(draw(100000), 5) + "},";
  if (draw(4) == 0) {
    std::string face;
    for (int i = 0; i != 8; ++i) face += digits(draw(100000000), 8);
    out += quoted("face_template", face) + ",";
  } else {
    out += "\"face_template\":null,";
  }
  out += row.guardian < 0 ? "\"guardian_uid\":null," : quoted("guardian_uid", uid(row.guardian)) + ",";
  out += "\"grants\":" + list(asked, 45) + ",\"objections\":" + list(asked, row.number % 10 == 3 ? 60 : 0) + "}";
  return out;
}

Row row_of(int number) {
  Row row{number, number % 3 != 2, 1960 + static_cast<int>(draw(45))};
  if (number % 13 == 6) row.born = 2009 + static_cast<int>(draw(2));  // 15 or 16
  if (number % 8 == 7) {  // a child, every other one without a guardian
    row.born = 2014 + static_cast<int>(draw(5));
    if (number % 16 == 7) row.guardian = number == 7 ? 12 : number - 3;  // one stands behind the child in the file
  }
  return row;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 2;
  std::ofstream people(words[1], std::ios::binary);
  for (int i = 0; i != 40; ++i) people << person(row_of(i)) << '\n';
  std::ofstream messages(words[2], std::ios::binary);
  messages << "sender_id\ttimestamp\ttext\n";
  for (int i = 0; i != 300; ++i) {
    const std::string text = i % 3 != 2 ? one_of(zh_opening) + one_of(zh_middle) + one_of(zh_ending)
                                        : one_of(en_opening) + one_of(en_middle) + one_of(en_ending);
    messages << "w" << digits(draw(20), 2) << "\t\t" << text << '\n';
  }
  people.close();
  messages.close();
  return people.good() && messages.good() ? 0 : 1;
}
