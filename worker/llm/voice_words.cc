#include "worker/llm/voice_words.h"

namespace ryumem {

const std::array<LanguageWords, 19> kLanguageWords{{
    {"en", "i me my mine myself we us our ours ourselves", "", "i'm i've i'd i'll",
     "he she it they him her them his hers its their theirs himself herself itself themselves you "
     "your yours yourself this that these those who whom which someone somebody something anyone "
     "anybody anything everyone everybody everything nobody nothing one",
     "the and is are was were have has had with for of to in on at from not but this that went "
     "would could about into over"},
    {"de",
     "ich mich mir mein meine meiner meinem meinen meines wir unser unsere unserem unseren "
     "unserer",
     "uns", "",
     "er sie es ihn ihm ihr ihnen ihre sein seine seinem seinen du dich dir dein deine jemand "
     "niemand etwas nichts dieser diese dieses jener alle",
     "der die das und ist sind war mit für von zu auf aus bei nicht ein eine im am den dem auch "
     "hat haben wurde"},
    {"fr", "je j moi mon mes nous notre nos", "me ma m", "",
     "il elle ils elles lui leur leurs eux tu te toi ton ta tes vous votre vos ce cela ça celui "
     "celle ceux celles quelqu'un personne rien qui",
     "le les des une est sont était avec pour dans sur pas et du au aux qui que chez suis ai"},
    {"es", "yo mis conmigo nosotros nosotras nuestro nuestra nuestros nuestras", "me mi mí nos",
     "soy estoy tengo vivo trabajo fui conocí hablo quiero voy nací estuve",
     "él ella ellos ellas usted ustedes tú ti tu su sus le les lo alguien nadie algo nada este "
     "esta esto ese esa eso aquel quien",
     "el los las una es está con para por en de del que y no al fue pero muy también"},
    {"pt", "eu meu minha meus minhas comigo nós nosso nossa nossos nossas", "me mim nos",
     "sou estou tenho moro trabalho fui conheci falo quero vou nasci",
     "ele ela eles elas você vocês tu te ti seu sua seus suas alguém ninguém algo nada este esta "
     "isto esse essa isso aquele quem",
     "o os as uma é está com para por em de do da dos das que e não ao foi mas muito também na no"},
    {"it", "io mio miei mie noi nostro nostra nostri nostre", "me mi mia ci",
     "ho abito lavoro vivo sto vado voglio parlo nacqui",
     "egli lui lei esso essa essi loro gli le tu te ti tuo tua suo sua voi qualcuno nessuno "
     "qualcosa niente questo questa quello quella chi",
     "il la lo gli una è con per in di del della che e non al fu ma molto anche nel alla sul"},
    {"nl", "ik mij mijn mezelf wij ons onze", "me we", "",
     "hij zij hem haar hun hen zijn het jij jou jouw u uw iemand niemand iets niets deze dit die "
     "dat wie",
     "de een is met voor van op niet en aan bij ook naar heeft werd maar uit woon ben"},
    {"pl", "ja mnie mną mój moja moje moją mojego mojej moim my nas nam nami nasz nasza nasze",
     "mi mię", "jestem mieszkam pracuję mam byłem byłam lubię poznałem poznałam",
     "on ona ono oni one jego jej ich jemu jemu mu ty ciebie tobie twój twoja ktoś nikt coś nic "
     "ten ta to tamten kto",
     "i w na z do się nie jest są był była że jak po od dla oraz ale przez"},
    {"tr", "benim bana beni bende benden bizim bizi bize", "ben biz", "",
     "o onlar onu ona onun onları onların sen seni sana senin siz sizin biri kimse şey hiçbir bu "
     "şu kim",
     "ve bir ile için çok da de gibi ama daha olarak dün bugün"},
    {"sv", "jag mig mina mitt vi oss vår våra vårt", "min", "",
     "han hon den det de dem honom henne hans hennes deras du dig din ni er någon ingen något "
     "inget denna detta vem",
     "och är var en ett med för på av till inte som i att har från men bor"},
    {"ru",
     "я меня мне мной мною мой моя моё мое мои моего моей моему моим моих мы нас нам нами "
     "наш наша наше наши нашего нашей",
     "", "",
     "он она оно они его её ее ей ему им их ним ней них нём ты тебя тебе твой твоя вы вас вам ваш "
     "ваша кто-то никто что-то ничего этот эта это эти тот та те кто",
     "и в на с не что как по из за для был была это он"},
    {"uk", "я мене мені мною мій моя моє мої мого моєї ми нас нам нами наш наша наше наші", "", "",
     "він вона воно вони його її їй йому їм їх ти тебе тобі твій твоя ви вас вам ваш хтось ніхто "
     "щось нічого цей ця це ці той та ті хто",
     "і й у з на не що як із за для був була це та є"},
    {"el", "εγώ εμένα μου εμείς εμάς μας δικός δική", "με", "είμαι έχω μένω δουλεύω",
     "αυτός αυτή αυτό αυτοί αυτές αυτά του της τους εσύ εσένα σου εσείς κάποιος κανείς κάτι τίποτα "
     "εκείνος εκείνη ποιος",
     "ο η το και είναι στο στη με για από δεν που στην στον"},
    {"ja", "私 僕 俺 わたし わたくし あたし ぼく おれ 私たち 僕たち 我々", "", "",
     "彼 彼女 彼ら 彼女たち あなた 君 これ それ あれ この人 その人 誰か 誰", ""},
    {"zh", "我 我们 我們 咱们 本人", "俺", "",
     "他 她 它 他们 她们 它们 他們 她們 你 您 你们 你們 这 那 這 某人 谁 誰 大家", ""},
    {"ko",
     "나 저 내 제 나는 저는 내가 제가 나를 저를 나의 저의 나도 저도 나에게 저에게 우리 우리는 "
     "저희 저희는",
     "", "", "그 그녀 그들 그는 그녀는 너 당신 이것 그것 저것 누군가 누구", ""},
    {"ar", "أنا نحن لي عندي إنني إني", "", "أعيش أعمل أسكن أحب التقيت كنت",
     "هو هي هم هن هما أنت أنتم هذا هذه ذلك تلك أحد شيء من", ""},
    {"he", "אני אותי שלי לי אנחנו אותנו שלנו", "", "",
     "הוא היא הם הן אתה את אותו אותה זה זאת מישהו", ""},
    {"hi", "मैं मैंने मुझे मुझको मेरा मेरी मेरे हम हमें हमारा हमारी हमारे", "", "",
     "वह वे उसका उसकी उसके उसे उन्हें उनका तुम आप यह ये कोई कुछ कौन", ""},
}};

}  // namespace ryumem
