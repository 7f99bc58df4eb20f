// Names that are known for what they are. A short list: enough for texts that people make up when
// they try the program, and no more.
#include <algorithm>
#include <map>

#include "common/base/text.h"
#include "sandbox/lexicon.h"

namespace ryumem::sandbox {
namespace {

// Blanks part the words of a list; "_" stands for a blank inside a name.
std::vector<std::string> names(std::string_view list) {
  std::vector<std::string> found;
  for (const std::string& word : split(list, ' '))
    if (!word.empty()) found.push_back(replace_all(word, "_", " "));
  return found;
}

WordSet set_of(std::string_view list) {
  const std::vector<std::string> all = names(list);
  return WordSet(all.begin(), all.end());
}

constexpr std::string_view kPlaces =
    "paris london berlin munich hamburg cologne frankfurt vienna zurich geneva rome milan venice "
    "florence naples madrid barcelona seville lisbon porto amsterdam rotterdam brussels copenhagen "
    "stockholm oslo helsinki warsaw prague budapest athens istanbul ankara moscow kyiv odesa lviv "
    "dublin edinburgh oxford cambridge manchester boston chicago seattle austin denver miami "
    "new_york new_york_city los_angeles san_francisco washington toronto vancouver montreal "
    "mexico_city bogotá lima santiago buenos_aires são_paulo rio_de_janeiro tokyo kyoto osaka "
    "yokohama seoul busan beijing shanghai shenzhen hong_kong taipei singapore bangkok hanoi "
    "jakarta "
    "manila delhi new_delhi mumbai bangalore chennai kolkata karachi lahore dhaka kathmandu tehran "
    "baghdad damascus beirut amman jerusalem tel_aviv cairo alexandria casablanca tunis algiers "
    "lagos "
    "accra nairobi addis_ababa cape_town johannesburg sydney melbourne auckland köln münchen wien "
    "zürich genève roma milano venezia firenze napoli torino sevilla valencia lisboa lyon "
    "marseille "
    "bordeaux toulouse nice strasbourg lille москва москве москвы москву петербург петербурге "
    "санкт-петербург санкт-петербурге киев киеве київ києві харків львів львові минск казань "
    "казани "
    "новосибирск новосибирске россия россии украина україна україні "
    "france germany spain italy portugal austria switzerland netherlands belgium poland greece "
    "turkey "
    "russia ukraine england scotland ireland wales europe america usa canada mexico brazil "
    "argentina "
    "chile peru colombia japan korea south_korea china india pakistan iran iraq egypt morocco "
    "nigeria "
    "ghana kenya ethiopia south_africa australia new_zealand asia africa deutschland österreich "
    "schweiz "
    "frankreich spanien italien españa méxico brasil italia allemagne espagne italie portugal "
    "california texas florida bavaria bayern provence bretagne αθήνα θεσσαλονίκη ελλάδα κρήτη "
    "αθήνας θεσσαλονίκης warszawa warszawie kraków krakowie praha göteborg malmö i̇stanbul "
    "東京 京都 大阪 横浜 名古屋 札幌 福岡 神戸 広島 沖縄 北海道 日本 北京 上海 深圳 广州 杭州 "
    "南京 成都 武汉 西安 香港 台北 台湾 中国 美国 英国 法国 德国 パリ ロンドン ベルリン "
    "ニューヨーク "
    "アメリカ フランス ドイツ イギリス 서울 부산 인천 대구 제주 한국 일본 미국 "
    "القاهرة دمشق بغداد بيروت الرياض دبي عمّان عمان تونس الجزائر مصر سوريا لبنان المغرب العراق "
    "दिल्ली मुंबई भारत कोलकाता चेन्नई वाराणसी जयपुर ירושלים";

constexpr std::string_view kOrganisations =
    "google microsoft apple amazon facebook meta netflix openai anthropic nvidia intel ibm oracle "
    "spotify tesla toyota honda sony nintendo samsung siemens bosch bmw volkswagen airbus boeing "
    "nasa esa cern unesco unicef nato mit stanford harvard yale sorbonne eth github gitlab mozilla "
    "wikipedia yandex яндекс яндексе сбербанк トヨタ ソニー グーグル 任天堂 삼성 삼성전자 阿里巴巴 "
    "腾讯 华为 百度 sap lufthansa renault ferrari fiat ikea nokia ericsson philips shell";

constexpr std::string_view kDates =
    "monday tuesday wednesday thursday friday saturday sunday january february march april june "
    "july "
    "august september october november december montag dienstag mittwoch donnerstag freitag "
    "samstag "
    "sonntag januar februar märz mai juni juli oktober dezember christmas easter weihnachten "
    "ostern";

constexpr std::string_view kFirstNames =
    "alice bob carol dave eve anna maria john james mary emma olivia noah liam sophia mia lucas "
    "leo "
    "max paul peter thomas michael david daniel sarah laura julia lena lisa hannah sophie marie "
    "claire "
    "camille julien pierre jean jacques louis luc chloé amélie élise zoé françois rené léa hélène "
    "juan josé carlos maría ana lucía sofía miguel diego pablo elena carmen javier andrés íñigo "
    "giulia marco luca matteo francesca chiara giovanni paolo lorenzo beatriz joão pedro rita inês "
    "hans karl fritz jürgen jörg günther ursula heike björn sven lars erik ingrid astrid søren åsa "
    "иван мария анна ольга дмитрий сергей алексей наташа наталья екатерина елена татьяна михаил "
    "пётр "
    "владимир юлия оксана тарас олена ανδρέας μαρία γιώργος ελένη νίκος δημήτρης σοφία κώστας "
    "yuki hiroshi kenji sakura haruka takeshi akira wei li ming mei jin hana minji priya amit raj "
    "ravi "
    "neha anil sunita arjun fatima ahmed ali omar layla yusuf khalid mariam hassan zeynep mehmet "
    "ayşe "
    "emre chidi ngozi amara kwame aisha tom tim ben sam kate jane lucy george henry jack oliver "
    "oscar "
    "charlotte amelia grace ruby ada alan marta piotr katarzyna wojciech agnieszka zofia jan eva "
    "محمد أحمد علي فاطمة ليلى يوسف عمر خالد سارة مريم نور حسن سلمى राम सीता प्रिया अमित राज अनिल "
    "सुनीता रवि नेहा अर्जुन";

const std::map<std::string, std::string>& known_names() {
  static const std::map<std::string, std::string> all = [] {
    std::map<std::string, std::string> map;
    for (auto& name : names(kFirstNames)) map[name] = "PERSON";
    for (auto& name : names(kDates)) map[name] = "DATE";
    for (auto& name : names(kOrganisations)) map[name] = "ORGANIZATION";
    for (auto& name : names(kPlaces)) map[name] = "LOCATION";
    return map;
  }();
  return all;
}

}  // namespace

std::optional<std::string> known_type(const std::string& lower_name) {
  const auto found = known_names().find(lower_name);
  if (found == known_names().end()) return std::nullopt;
  return found->second;
}

std::size_t known_prefix(std::string_view run) {
  std::size_t longest = 0;
  for (std::size_t length = 3; length <= std::min<std::size_t>(run.size(), 36); length += 3)
    if (known_names().contains(std::string(run.substr(0, length)))) longest = length;
  return longest;
}

bool is_first_name(const std::string& word) {
  static const WordSet set = set_of(kFirstNames);
  return set.contains(word);
}

bool is_title(const std::string& word) {
  static const WordSet set = set_of(
      "mr mrs ms miss dr prof professor sir lady lord madam captain president aunt uncle herr frau "
      "fräulein doktor tante onkel m mme mlle monsieur madame mademoiselle docteur señor señora sr "
      "sra "
      "don doña signor signora dott dottor senhor senhora dona господин госпожа доктор профессор "
      "дядя "
      "тётя пан пані κύριος κυρία السيد السيدة الدكتور الدكتورة الأستاذ الأستاذة श्री श्रीमती डॉ");
  return set.contains(word);
}

bool is_organisation_word(const std::string& word) {
  static const WordSet set = set_of(
      "inc corp corporation company co ltd llc gmbh ag kg se sa srl spa plc university college "
      "institute school academy bank foundation museum hospital ministry department agency society "
      "association council committee labs lab laboratory studios studio group holdings records "
      "press "
      "universität hochschule institut stiftung krankenhaus verein université école banque musée "
      "hôpital universidad escuela banco instituto museo università scuola ospedale universidade "
      "escola университет университете институт институте банк банке музей музее компания ооо "
      "πανεπιστήμιο τράπεζα uniwersytet üniversitesi universitet orchestra club cafe café "
      "restaurant theatre theater library bakery");
  return set.contains(word);
}

bool is_name_particle(const std::string& word) {
  static const WordSet set =
      set_of("van von der den de del della di da do dos du la le bin ibn al el ter ten zu of");
  return set.contains(word);
}

bool is_nationality(const std::string& word) {
  static const WordSet set = set_of(
      "english french german spanish italian portuguese dutch russian ukrainian greek polish "
      "turkish "
      "swedish american british irish scottish canadian mexican brazilian japanese korean chinese "
      "indian arabic hebrew latin european african asian deutsch deutsche deutscher englisch "
      "französisch spanisch italienisch russisch japanisch");
  return set.contains(word);
}

bool is_common_opener(const std::string& word) {
  static const WordSet set = set_of(
      "dinner lunch breakfast coffee tea music work school home people someone everyone everybody "
      "nothing something everything life time things mother father mom dad mum sister brother wife "
      "husband friend friends family children kids work weather traffic morning evening night "
      "afternoon weekend thank thanks good great nice happy sad sorry remember note notes user "
      "assistant system previous episode episodes episode speaking spring summer autumn winter "
      "books dogs cats food rain snow money love peace both half part lots plenty "
      "years months weeks days hours minutes according despite thus hence instead otherwise "
      "moreover furthermore besides indeed certainly unfortunately luckily suddenly apparently "
      "can could will would should did does is are was were has have tell ask call write send see "
      "look come go get make take give bring try start stop keep");
  return set.contains(word);
}

}  // namespace ryumem::sandbox
