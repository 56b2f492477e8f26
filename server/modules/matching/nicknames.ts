/** Short and familiar forms of given names, each with the name that it stands for. */
const families = `
william bill billy will willie liam
robert rob bob bobby robbie
richard rick ricky dick rich
james jim jimmy jamie jem
john jack johnny jon
joseph joe joey
thomas tom tommy
michael mike mick mikey mickey
charles charlie chuck chas
edward ed eddie ted teddy ned
henry harry hank
george georgie
david dave davey
daniel dan danny
matthew matt matty
andrew andy drew
anthony tony
christopher chris kit topher
nicholas nick nicky nicolas
benjamin ben benny benji
samuel sam sammy
alexander alex alec sandy xander lex
alexandra alex sandra lexi sasha
patrick pat paddy
peter pete
stephen steve stevie steven
philip phil phillip
kenneth ken kenny
ronald ron ronnie
donald don donny
gregory greg
jonathan jon jonny johnathan
joshua josh
zachary zac zach zack zak
jacob jake jakob
lachlan lachie lockie
nathan nathaniel nate nat
timothy tim timmy
lawrence larry laurie laurence
frederick fred freddie
gerald gerry jerry
jeffrey jeff geoff geoffrey
raymond ray
leonard len lenny leo
mitchell mitch
cameron cam
elizabeth liz lizzie beth betty eliza lisa elisabeth libby bess
margaret maggie meg peggy marge margie greta
katherine kate kathy katie kathryn catherine cathy kay kitty
mary molly polly maria
susan sue susie suzy suzanne
jennifer jen jenny jenna
jessica jess jessie
rebecca becky becca bec
victoria vicky vicki tori
samantha sam sammy
deborah deb debbie debra
patricia pat patty trish tricia
barbara barb barbie
dorothy dot dottie dolly
isabella bella isabel isabelle izzy
olivia liv livvy
emily em emmy emilie
amelia millie amy
abigail abby gail
natalie nat natasha natalya
theresa terry tess teresa
pamela pam
christine chris chrissie christina tina
alison ali allison
caitlin cait kaitlin kaitlyn caitlyn katelyn
madeline maddie madeleine madison
georgia georgie georgina
charlotte charlie lottie
jacqueline jackie
aleksandr sasha sania shura alexandr
aleksei alesha lesha aleksey alexey
anastasiia nastia anastasia nastya
anna ania aniuta anya
dmitrii dima mitia dmitry dmitriy
ekaterina katia ekaterin katya
elena lena alena
evgenii zhenia evgeny evgeniya evgeniia
ivan vania vanya
mariia masha maria marusia mariya
mikhail misha
nadezhda nadia nadya
natalia natasha nataliia natalya
nikolai kolia nikolay kolya
olga olia olya
pavel pasha
sergei seriozha serezha sergey
svetlana sveta
tatiana tania tatyana tanya
vladimir vova volodia volodya
viktor vitia victor
iurii iura yury yuri yuriy
iuliia iulia julia yulia yuliya
iakov iasha yakov
`

const roots = new Map<string, string>()
for (const line of families.trim().split('\n')) {
  const [root, ...forms] = line.split(' ')
  for (const form of [root!, ...forms]) if (!roots.has(form)) roots.set(form, root!)
}

/** The name that a familiar form stands for; the name itself where none is known. */
export function rootOf(given: string): string {
  return roots.get(given) ?? given
}
