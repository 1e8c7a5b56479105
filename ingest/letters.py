"""The commonest letters of running text, the most frequent first: they tell encodings and damage from sound text.

Counted over policy texts and the questions asked about them, statutes, encyclopaedia passages (Chinese, Japanese);
the traditional list joins texts written in it with the simplified counts converted.
"""

from __future__ import annotations

HANS = (
    "的不了我一退人能费在时还多吗用是个要没收家有天可日后第以保上十内到给单期商那款少条品行过机出年分么货自买付回钱定"
    "发来次理为价会提赔说未三或里件几者月按前由小们取应他下同子法成金这开得二当点电户额算限手就补元换证请全工修你合现"
    "申送超扣去卡起交外承经公动包票运台最车已无方消规标签和五大作被实中间寄什店生报通因对两怎平都明之新并部处约等面务"
    "于国地想结四数免关重门支本装物每偿业事管才认与主计谁失订号权服照着打哪原损除复安员加险让及担百客民接须快头改其账"
    "信受诉拿写久卖也意晚购再使院长完半名求量差水坏供质延效进投达满八把利看好办制高口直续万位但先记准块六责放告入转己"
    "系予拆税任营代知该产预房停东查活错七更老儿假凭花洲议持吧千检样所身话需司至啥问拒从示销别张确走解政箱果邮只"
    "字低核格体度向西钟场柜息据种旅啊剩网正学份配片区比找值售程视候立余资书验具路拍注如何封券住级清线今带码否且医录变"
    "市药罚版九误表又页设租选违呢递足整班食逾首空情丢另适致死题跟料故图调旧存推评周飞非冻导充底统障维境道测撤性属器"
    "类仅反式病些例弄共折掉游师礼伤相缺留返领止笔影真离依仓社则联构际建衣团护常屏传率斯响播力形楼克监审造职心律亲称见"
    "特然符洗指边化海协诺项航流零倍牌异组岁餐遗咋短早列而备优集板专赠云根仍决断将嘛材押缴刚案拉含目拖酒托害企普连婚碎"
    "鲜银截总禾双置许积尔它压易益往登文教干减派声做迟昨鉴贴球义追基毛冷刷划继陪举城破"
)
HANT = (
    "的嗎我不退可以了要一多還會費是沒有到天用能收在家時個人後保少上買貨期付回十麼過出機錢來款幾單第年日三賠開給寄內送"
    "被品次分金才月自說件商價發理請票補算定子手額這取行下申電包換那外賣們就點公條前去現兩成二想怎久卡已運最得店扣當小"
    "經之證限什訂提者你償五結消全同把車標修員他直先加或只拿樣面超號合新改起寫求台方通約元大由戶晚掉裝平報司四動購都未"
    "生按本己間等對接打法免半百跟處重客果也放應數服門哪物明每照中誰因延再主業關差作規失水交看好帳工國完管原達於爲但"
    "話訴地續場實停轉東稅快拆洲裏從箱房名檢進裹壞計安務裡險認繳萬和告事意錯代除辦櫃頭預里及八入口部為無承知六西受"
    "權高示剩位驗住舊今並七券比利別效折整長書查更塊信呢責師問候張院花解支冷班領走筆離資系九反清片衣記準頁投籤市固倉"
    "封度損該須網千拍級線租找臺假滿統洗低幫量讓體值擔碼其復核身禮拒郵料字帶選醫變障民種週隔團負留與逾演罰太遺又配違程"
    "凍錄息拖題需區使產心空餘指供版任播視路活正份早貼破確另庫案海簽牌格做遲立見丟制藥旅向評傷刷銷影剛鐘社冰婚着孩營故"
    "傳圖老雲測具誤如灣學歲飛樓始食職附維據依項傅式所便設忘優集舉盒適死予餐登弄賬昨兒悔審然真道邊持質叫倍些調覆至鑑專"
    "廠充憑器禾病抵段架售符氣站政組匯文而追板贈搬拜議含類流課例共存備且毛遞填底押寶撤啊紅零常媽掛惠推缺初友根般馬止"
    "境酒吧聯際建銀紙率借表池漏訊遊斤幕導決斷情型害航截著降積何易試啥貴瑕棧畫疵返風顯"
)
JAPANESE = (
    "のでまかすしたはにいがてをるれとらなりーっもンき日さ返く合ト品あルん金う何けせ年ど場えこイ料ラだスよつ送間ド入国"
    "出ク・カアめ払分お保本取ッ時会用党行後ポ以月発期人一定フ上償リ限物内中わ補額前手者やそ約共生理回ば数自大員代部産"
    "書受証引文付ジ要買商オタ使み的届レ業コ方家地無ちロ全マ配事主申戻サ対立同通有請外プシ注当テ法グ必メ求最動連関長支"
    "高第購名キウム店化建ギへ学目着変開表元不ィ条民ダ利度社言延力残気じデ下権違海体教実新機割選基加パ税認所成計達円見"
    "子ニ築直ベ明チ荷交セブ効現政別持解ゴ都更議ビ語多水再費バびエ万設ャ雨ガ遅号可予在落指番続先価ご切安和ず住制換"
    "修検記済電置差失ズ経様作応際過市ナ活べ半担象ネ務管空来算ミ能面真道消確件世反ぎ義洲点位車示込特低険結規誰封今区"
    "告収重げ公初ェ断平北客除常与営止油任画ほ決量里ツ売ケ島組庫委意格到ペソ集石梅領労負離戦便未由起写放絡東券得替命"
    "追団査挙報性口運式責ホ呼情個週他正判類近資賠ボハュ県域州"
)
KOREAN = (
    "요나이가에는하어수지을고면은데다로되보서상제인품있를기금환안사해불한시도니으배받자전반정마주일야부려비내송얼리신"
    "아게료의까했대소며할원액만간라용산장몇후문번없구칠매무관결동거분합연세달취계그청돌입과발었습누적언회중조증담못위"
    "판출터됐급물오년미드때개바약차예최유않공우떻트경스호교택임더진음월직방여통접체건재립심폰영단실두처카왔았외와확된"
    "변치선업들걸명돈권포표째졌저화운새능파성래작록함잘당순올났완같른러추행냈갔식점험뒤집줘필책량짜센모플등설령것알쿠"
    "날버남준또죠맞격떤복효넘렸속크태잔현혼줄절말따탁손열퍼케루늦커생쓰돼냉초객항름냥류천감온착됩끝봉검즈본박족깨쓸람"
    "국충샀져침납병싶독각살뜯던값꾸디넣패레썼늘쓴질친밤랫폼네휴창난뀌허긴찰였란테풀석노뜨탈벽좌티써력느규린낸르페승답"
    "먼율싸팔글메코꿀쪽엔울꼭먹첫프틀층님빠봤놓히벌철"
)

# Hanzi that stand as words of their own in sound text about as often as in text that has lost a third of its letters,
# or oftener. Counted over policies, statutes and customers' questions, whole and with a third of the letters taken out.
ALONE = (
    "一万三上下不与且丙丢两个中丹为久么乙九也乡买乱了二亏云五交亦亮亲仅今仍从仓他以仨仪仿休会但住你俩修倍倒借做偷催儿"
    "元充兆先光克兜八六其内再写冰冲冻凉减凑几凡凭刀切刚别刮到刷券刻前剩剪副加劣勒勾勿匹半单卖占卡印即却卷压原去又及叠"
    "句另只叫可叶号吃后吐向吗吧吨含听吭吱吵吹呀呗呢咋和咔咬哑哥哦哪哭啊啥啦喊喝嘛嘴四回因团囤图圈在均坏坐坑块坨垫堆堵"
    "塞填墙壳外多大天太头夹奕套奶她好如妈妹姐娃嫂嫌孔孕字季它宅完宝宰宿寄对将尊少尝就尽尾屁层屏屿岁岔岚岛差已带帮帽干"
    "年并床底店废座开弄弟张弹归彩往很得忘忙快念怕急怪总您想感慌慕慢懂我戒截戴所才打扔扛扣扫扯找把抓抖抠抢报抬抱抹押抽"
    "拆拉拍拎拔拖拣拦拧拨拷拼拽拿挂指按挑挤挪挺捎换掉掏推掰插揽搁搜搞搬搭携摊摔摸撒撕撞撬播擦攒收改放救散敲整斤斯新无"
    "既日旧早时星是晚晨暖曾替最月有木未本来杯松板枕枚架某柜栈栋栗桃桐桶梭棉植楼槐槽橙欠欧死每比毛氏气氟水汤没油泡波洒"
    "洗洞洲派浮涨液渣湾湿溅溢滑滚满滴漂漆漏潮澜灰炒点烂烘烧热熟熬爆爱爸爹版牌犬狗狠猫玉玩班球瓦瓶甩由甲画留疯疼病症白"
    "的皮盆盒盖盗省看真着睡瞧石码砍砖破砸硬碎碗碰磕磨票祸离禾秒秤称稿穗空穿窗站端笔等筐筒答算箱箸米类粉粘粮糊糖红纸纹"
    "线绑给绿缓编缝缺罐群翻老而肉肖肥肯肿胀背能脏脚脸腿膜自臭至芯花芽莫菜落蔫虫虽虾蛋蜜衣补袋被裂装要见角触讨让讲词话"
    "该说课谁谈账贱贴贵赏赔赚赢走赶越趴跌跑距跟跨路跳蹭躲躺车轨转软轴较输辣边达过近还这远连退送选逐遍那邮都里钱钻铃锁"
    "锅错键镇镑镶闪问闷闹闻阿降陪随隔隼雁雨零雾需霉青非鞋页顶须顾领颗飞餐饭饮马骂鱼鲸鸡鹭黄黑鼠"
)

# All usual words of up to three letters in English, Spanish, French, German, Italian, Portuguese and Dutch,
# with the abbreviations that policies use.
SHORT_WORDS = (
    "a act ad add ads age ago ahí aid aim air al all als also am an and any ao aos api app are aren art as ask "
    "así at au auf aus aux año aún b bad bag ban bar bay be bed bei big bij bis bit bot box boy bug bus but "
    "buy by c can cap car ce ces cet che chi ci cm com con cry csv cup cut d da dan dar das dat day de del dem "
    "den der des di did didn die do doesn don dos dry du due día e ear eat eco ed een eg egg ein el em en end "
    "er era es esa ese eso est et etc eux ex eye f fan faq far fee few fin fit fix fly foi for fra fue fun für "
    "g gap gas gay get gli go god got gps gun guy ha had hai han has hat hay he hem her het him his hit ho hoc "
    "hot how hoy hun i ice id ie if ihr ii iii il ill ils im in ins is isn ist it its iv iva ja je jij job key "
    "kg kid kit km la las law lay lb le led leg les let ley lie lit ll lo log los lot low luz m ma mad mais "
    "mal man map mar mas max may me men mes met mi mid mij mil min mis mit mix ml mm mom mon muy my más n na "
    "naar nas nd ne net new ni no non nor nos not nous now nun nur nut o ob odd oder of off oh oil ok old om "
    "on one ons ont ook op opt or org os ou our out own oz où par pas pay pc pdf pelo per pet pin pm pop por "
    "pre pro put que qui qué ran raw rd re red rey rid row run río s sa sad sat say se sea see seis sem ser "
    "ses set seu sex she si sie sin sir sit six sky so son sono st su sua sub sum sun sur sus são sí t tag tan "
    "tap tax te tea ten th the ti tie tip to too top tot toy tra tres try tu tv two tú u uit um uma un una und "
    "une uno up url us usb usd use uso uw van ve ver vez vi via von vor vos vs vía war was wasn wat way we web "
    "wel wet who why wie win wir won www x y ya yes yet yo you ze zijn zip zu zum zur à é él été"
)

# The words that make up a sixth and more of any running text in those languages.
FUNCTION_WORDS = (
    "al an and any are as at be by can como con dans das de del den der des die du el en es est et for from "
    "für if in is ist it la las le les lo los may mit no not o of on or our para por pour que se su that the "
    "this to un una und von we with y you your zu"
)
